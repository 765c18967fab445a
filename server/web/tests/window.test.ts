import { expect, test } from "vitest";

import { barOf, letterAt } from "../src/parts/letters";
import { layoutOf, MOST_CARDS, spanOf, spotOf, target } from "../src/parts/window";

test.each([
  [358, 390, 16, 2],
  [1180, 1280, 16, 7],
  [3600, 3840, 28, 12],
  [0, 390, 16, 1],
])("columns of %d px", (width_px, view_px, rem_px, columns) => {
  const layout = layoutOf(width_px, view_px, rem_px);
  expect(layout.columns).toBe(columns);
  expect(layout.column_px * columns + layout.gap_px * (columns - 1)).toBeLessThanOrEqual(Math.max(1, width_px));
});

const layout = { columns: 5, column_px: 100, row_px: 200, gap_px: 10 };

test.each([
  [0, 0, 40],
  [1000, 10, 65],
  [-500, 0, 30],
  [400_000, 9985, 10_000],
])("at %d px stand the cards from %d to %d", (top_px, first, end) => {
  expect(spanOf(layout, 9_998, top_px, 1000)).toEqual({ first, end: Math.min(end, 9_998) });
});

test("a tiny zoom does not fill the page with cards", () => {
  const { first, end } = spanOf({ ...layout, columns: 60, row_px: 10 }, 100_000, 50_000, 5000);
  expect(end - first).toBeLessThanOrEqual(MOST_CARDS);
});

test("nothing stands in an empty grid", () => {
  expect(spanOf(layout, 0, 0, 1000)).toEqual({ first: 0, end: 0 });
});

test("a card stands in its column and row", () => {
  expect(spotOf(layout, 12)).toEqual({ x_px: 220, y_px: 400 });
});

test.each([
  ["ArrowRight", 4, 5],
  ["ArrowLeft", 0, null],
  ["ArrowUp", 2, null],
  ["ArrowDown", 3, 8],
  ["ArrowDown", 13, 16],
  ["ArrowDown", 16, null],
  ["PageDown", 3, 13],
  ["PageDown", 14, 16],
  ["PageUp", 3, 0],
  ["Home", 9, 0],
  ["End", 0, 16],
  ["x", 3, null],
])("%s from %d", (key, at, to) => {
  expect(target(key, at, 17, 5, 2)).toBe(to);
});

test("the bar has every letter once, and what the alphabet lacks at the end", () => {
  const bar = barOf([
    { letter: "B", offset: 0 },
    { letter: "…", offset: 7 },
  ]);
  expect(bar.map(({ letter }) => letter).join("")).toBe("#ABCDEFGHIJKLMNOPQRSTUVWXYZ…");
  expect(bar.filter(({ offset }) => offset !== null).map(({ letter }) => letter)).toEqual(["B", "…"]);
});

test("the letter of what is in sight", () => {
  const letters = [
    { letter: "A", offset: 0 },
    { letter: "D", offset: 5 },
  ];
  expect([letterAt(letters, 4), letterAt(letters, 5), letterAt([], 0)]).toEqual(["A", "D", null]);
});
