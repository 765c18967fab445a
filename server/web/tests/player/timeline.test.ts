import { expect, test } from "vitest";

import { chaptersOf, partAt, startsOf } from "../../src/player/timeline";
import { aFile } from "../kinds/movie/files";

test("parts stand behind each other", () => {
  expect(startsOf([1000, 2000, 500])).toEqual([0, 1000, 3000, 3500]);
});

test.each([
  [0, 0],
  [999, 0],
  [1000, 1],
  [2999, 1],
  [3000, 2],
  [3500, 2],
  [99_999, 2],
])("at %d ms part %d is shown", (position_ms, part) => {
  expect(partAt(startsOf([1000, 2000, 500]), position_ms)).toBe(part);
});

test("a film of one file of unknown length has one part", () => {
  expect(partAt(startsOf([null]), 0)).toBe(0);
  expect(partAt(startsOf([null]), 60_000)).toBe(0);
});

test("a part of unknown length does not hide the others", () => {
  const starts_ms = startsOf([null, 1000]);
  expect([partAt(starts_ms, 0), partAt(starts_ms, 500)]).toEqual([0, 1]);
});

test("chapters of later parts come later", () => {
  const first = aFile({ length_ms: 60_000, chapters: [{ start_ms: 0, title: "One" }] });
  const second = aFile({ length_ms: 60_000, chapters: [{ start_ms: 0, title: null }, { start_ms: 5000, title: "Three" }] });
  expect(chaptersOf([first, second])).toEqual([
    { start_ms: 0, title: "One" },
    { start_ms: 60_000, title: null },
    { start_ms: 65_000, title: "Three" },
  ]);
  expect(chaptersOf([])).toEqual([]);
});
