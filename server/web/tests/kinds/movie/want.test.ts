import { expect, test } from "vitest";

import { EVERYTHING, isFiltered, queryOf, wantOf, yearsOf } from "../../../src/kinds/movie/want";

test.each([
  ["", null, null],
  ["1994", 1994, 1994],
  ["1990-1999", 1990, 1999],
  [" 1999 – 1990 ", 1990, 1999],
  ["1990-", 1990, null],
  ["-1999", null, 1999],
  ["-", null, null],
  ["nineties", null, null],
  ["19945", null, null],
])("years %j", (text, year_from, year_to) => {
  expect(yearsOf(text)).toEqual({ year_from, year_to });
});

test("an address says the same when it is read again", () => {
  for (const address of ["", "sort=year", "text=Am%C3%A9lie+%26+co", "sort=added&text=a&year=1990-1999", "year=-1999", "year=1990"]) {
    expect(`${queryOf(wantOf(new URLSearchParams(address)))}`).toBe(address);
  }
});

test("an address of nonsense shows everything", () => {
  expect(wantOf(new URLSearchParams("sort=size&year=x&other=1"))).toEqual(EVERYTHING);
});

test("an order is no filter", () => {
  expect(isFiltered(wantOf(new URLSearchParams("sort=year")))).toBe(false);
  expect(isFiltered(wantOf(new URLSearchParams("year=1994")))).toBe(true);
});
