import { beforeEach, expect, test, vi } from "vitest";

import type { Card } from "../../../src/api/types";
import { shelf } from "../../../src/kinds/movie/shelf.svelte";
import { session } from "../../../src/state/session.svelte";

vi.hoisted(() => vi.stubGlobal("localStorage", { getItem: () => null }));

const aCard = (item_id: string) => ({ item_id, title: item_id }) as Card;
let pages: { items: Card[]; progress: object; next_cursor: string | null }[] = [];
let asked: string[] = [];

beforeEach(() => {
  asked = [];
  vi.stubGlobal("fetch", (path: string) => {
    asked.push(path);
    return Promise.resolve(Response.json(pages.shift()));
  });
});

test("a refresh replaces what is shown, the next page follows it", async () => {
  pages = [
    { items: [aCard("b")], progress: {}, next_cursor: "1" },
    { items: [aCard("a"), aCard("b")], progress: {}, next_cursor: "2" },
    { items: [aCard("c")], progress: {}, next_cursor: null },
  ];
  await shelf.refresh();
  await shelf.refresh();
  await shelf.more();
  expect(shelf.cards.map(({ item_id }) => item_id)).toEqual(["a", "b", "c"]);
  expect(asked[2]).toContain("cursor=2");
  expect(shelf.is_at_end).toBe(true);
});

test("an answer that comes after a newer question is dropped", async () => {
  pages = [
    { items: [aCard("old")], progress: {}, next_cursor: null },
    { items: [aCard("new")], progress: {}, next_cursor: null },
  ];
  await Promise.all([shelf.refresh(), shelf.refresh()]);
  expect(shelf.cards.map(({ item_id }) => item_id)).toEqual(["new"]);
});

test("nothing is left for the next user", async () => {
  const progress = { position_ms: 1, fraction: 0.5, is_done: false, last_at: "2026-01-01T00:00:00Z" };
  pages = [{ items: [aCard("a")], progress: { a: progress }, next_cursor: null }];
  await shelf.refresh();
  session.end();
  expect(shelf.cards).toEqual([]);
  expect(shelf.progress).toEqual({});
});
