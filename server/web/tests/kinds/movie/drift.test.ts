import { expect, test } from "vitest";

import { driftsOf } from "../../../src/kinds/movie/drift";

/** Letters with their counts, in order: "A3 B2". */
function anIndex(text: string) {
  let offset = 0;
  const letters = text.split(" ").map((part) => {
    const count = Number(part.slice(1));
    offset += count;
    return { letter: part.charAt(0), offset: offset - count, count };
  });
  return { total_count: offset, letters };
}

test.each([
  ["A10 B10", "A30 B10", 15, [35, 35, 35]],
  ["A10 B10", "A10 B20", 14, [14, 24, 18]],
  ["A10 B10", "A10 B10 C90", 15, [15, 15, 15]],
  ["A10 B10", "A40", 15, [15, 35, 30]],
])("from %s to %s a film by title is looked for from %d at %j", (before, now, at, to) => {
  expect(driftsOf("title", anIndex(before), anIndex(now), at)).toEqual(to);
});

test("without letters the list is one stretch", () => {
  expect(driftsOf("added", anIndex("A10"), anIndex("A25"), 4)).toEqual([4, 19, 10]);
  expect(driftsOf("year", anIndex("A5 B5"), anIndex("A10 B5"), 6)).toEqual([6, 11, 9]);
});

test("no place lies outside of the list", () => {
  expect(driftsOf("added", anIndex("A100"), anIndex("A10"), 20)).toEqual([9, 0, 2]);
  expect(driftsOf("title", { total_count: 0, letters: [] }, anIndex("A10"), 20)).toEqual([9, 9, 9]);
  expect(driftsOf("title", anIndex("A10"), { total_count: 0, letters: [] }, 5)).toEqual([0, 0, 0]);
});
