import { expect, test } from "vitest";

import { chapterAt, chapterBeside } from "../../src/player/chapters";

const CHAPTERS = [10_000, 60_000, 120_000].map((start_ms) => ({ start_ms, title: null }));

test.each([
  [0, null],
  [10_000, 0],
  [60_001, 1],
  [999_999, 2],
])("at %s ms it is chapter %s", (position_ms, number) => {
  expect(chapterAt(CHAPTERS, position_ms)).toBe(number);
});

test.each([
  [65_000, 1, 120_000],
  [65_000, -1, 60_000],
  [61_000, -1, 10_000],
  [130_000, 1, null],
  [11_000, -1, null],
] as const)("from %s ms in direction %s a chapter begins at %s", (position_ms, direction, start_ms) => {
  expect(chapterBeside(CHAPTERS, position_ms, direction)).toBe(start_ms);
});
