import { beforeEach, expect, test, vi } from "vitest";

import type { Card } from "../../../src/api/types";
import { shelf } from "../../../src/kinds/movie/shelf.svelte";
import { EVERYTHING } from "../../../src/kinds/movie/want";
import { session } from "../../../src/state/session.svelte";

vi.hoisted(() => vi.stubGlobal("localStorage", { getItem: () => null }));

const TOTAL = 1000;
let asked: URL[] = [];
let broken = false;
let prefix = "film";
/** Films that came in before all others. */
let newcomers = 0;

/** A server with films that are called by their place in the list. */
function answer(path: string): Promise<Response> {
  const url = new URL(path, "http://server");
  asked.push(url);
  if (broken) return Promise.reject(new TypeError("no network"));
  const letter = { letter: "A", offset: newcomers, count: TOTAL };
  if (url.pathname.endsWith("/index")) return Promise.resolve(Response.json({ total_count: TOTAL + newcomers, letters: [letter] }));
  const begin = Number(url.searchParams.get("offset") ?? url.searchParams.get("cursor"));
  const name = prefix;
  const came = newcomers;
  const items = Array.from({ length: 100 }, (_, index) => ({ item_id: `${name}${begin + index - came}`, title: `${begin + index}` }) as Card);
  return Promise.resolve(Response.json({ items, progress: {}, next_cursor: `${begin + 100}`, total_count: null }));
}

const settled = () => new Promise((resolve) => setTimeout(resolve, 5));
const pagesAsked = () => asked.filter(({ pathname }) => pathname.endsWith("/movies"));

beforeEach(() => {
  asked = [];
  broken = false;
  prefix = "film";
  newcomers = 0;
  session.end();
  vi.stubGlobal("fetch", answer);
});

test("only what comes into view is asked for", async () => {
  await shelf.show(EVERYTHING);
  shelf.need({ first: 720, end: 760 });
  await settled();
  expect(shelf.card(0)?.item_id).toBe("film0");
  expect(shelf.card(750)?.item_id).toBe("film750");
  expect(shelf.card(300)).toBeUndefined();
  expect(pagesAsked()).toHaveLength(2);
});

test("reading on goes by cursor, a leap by offset", async () => {
  await shelf.show(EVERYTHING);
  shelf.need({ first: 80, end: 120 });
  await settled();
  shelf.need({ first: 500, end: 520 });
  await settled();
  const [, next, leap] = pagesAsked();
  expect([next?.searchParams.get("cursor"), next?.searchParams.get("offset")]).toEqual(["100", null]);
  expect([leap?.searchParams.get("cursor"), leap?.searchParams.get("offset")]).toEqual([null, "500"]);
});

test("the same films anew begin where the reader is and keep the rest until it is asked for", async () => {
  await shelf.show(EVERYTHING);
  shelf.need({ first: 500, end: 520 });
  await settled();
  prefix = "new";
  await shelf.show(EVERYTHING);
  expect(shelf.card(510)?.item_id).toBe("new510");
  expect(shelf.card(10)?.item_id).toBe("film10");
  shelf.need({ first: 0, end: 20 });
  await settled();
  expect(shelf.card(10)?.item_id).toBe("new10");
});

test("films that moved are found where they stand now, a page further on as well", async () => {
  await shelf.show(EVERYTHING);
  shelf.need({ first: 500, end: 520 });
  await settled();
  expect(shelf.find("film510")).toBe(510);
  expect(shelf.find("film10")).toBe(10);
  newcomers = 250;
  let was_changed_at_once = false;
  await shelf.show(EVERYTHING, (change) => {
    expect(shelf.card(510)?.item_id).toBe("film510");
    change();
    was_changed_at_once = shelf.card(760)?.item_id === "film510" && shelf.index?.total_count === TOTAL + 250;
  });
  expect(was_changed_at_once).toBe(true);
  expect(shelf.find("film510")).toBe(760);
  expect(shelf.find("film10")).toBeNull();
});

test("other films replace what is shown", async () => {
  await shelf.show(EVERYTHING);
  shelf.need({ first: 100, end: 120 });
  await settled();
  await shelf.show({ ...EVERYTHING, text: "alien", year_from: 1979 });
  const { searchParams } = asked.at(-1) as URL;
  expect([searchParams.get("text"), searchParams.get("year_from"), searchParams.get("year_to")]).toEqual(["alien", "1979", null]);
});

test("an answer that comes after a newer question is dropped", async () => {
  const late = shelf.show(EVERYTHING);
  prefix = "new";
  await Promise.all([late, shelf.show({ ...EVERYTHING, sort: "year" })]);
  expect(shelf.card(0)?.item_id).toBe("new0");
});

test("what failed is asked for again on demand only", async () => {
  await shelf.show(EVERYTHING);
  broken = true;
  shelf.need({ first: 500, end: 520 });
  await settled();
  expect(shelf.failure).not.toBeNull();
  broken = false;
  await shelf.show(EVERYTHING);
  expect(shelf.failure).toBeNull();
  expect(shelf.card(510)?.item_id).toBe("film510");
});

test("nothing is left for the next user", async () => {
  await shelf.show(EVERYTHING);
  session.end();
  expect(shelf.card(0)).toBeUndefined();
  expect(shelf.index).toBeNull();
  expect(shelf.progress).toEqual({});
});
