import { expect, test } from "vitest";

import { Pages } from "../src/state/pages.svelte";

const source = (calls: (string | null)[]) => (cursor: string | null) => {
  calls.push(cursor);
  return Promise.resolve(cursor === null ? { items: [1, 2], next_cursor: "b" } : { items: [3], next_cursor: null });
};

test("pages follow each other until the last one", async () => {
  const calls: (string | null)[] = [];
  const pages = new Pages(source(calls));
  expect(pages.rows).toBeNull();
  await pages.reload();
  expect([pages.rows, pages.has_more]).toEqual([[1, 2], true]);
  await pages.more();
  expect([pages.rows, pages.has_more]).toEqual([[1, 2, 3], false]);
  expect(calls).toEqual([null, "b"]);
});

test("a page that fails keeps the rows and says so", async () => {
  let is_broken = false;
  const load = source([]);
  const pages = new Pages((cursor) => (is_broken ? Promise.reject(new Error("no")) : load(cursor)));
  await pages.reload();
  is_broken = true;
  await pages.more();
  expect(pages.rows).toEqual([1, 2]);
  expect(pages.failure).toBeInstanceOf(Error);
  is_broken = false;
  await pages.reload();
  expect(pages.failure).toBeNull();
});
