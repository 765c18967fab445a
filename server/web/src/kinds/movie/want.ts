/** What of the films is to be shown, and in which order: the address carries it as `?sort=&text=&year=`. */

import type { Sort } from "../../api/calls";

export interface Want {
  sort: Sort;
  text: string;
  year_from: number | null;
  year_to: number | null;
}

export const EVERYTHING: Want = { sort: "title", text: "", year_from: null, year_to: null };
const SORTS: readonly string[] = ["title", "added", "year"] satisfies Sort[];

export function wantOf(query: URLSearchParams): Want {
  const sort = query.get("sort") ?? "";
  return {
    sort: isSort(sort) ? sort : EVERYTHING.sort,
    text: (query.get("text") ?? "").slice(0, 200),
    ...yearsOf(query.get("year") ?? ""),
  };
}

/** The shortest address that says it. */
export function queryOf(want: Want): URLSearchParams {
  const query = new URLSearchParams();
  if (want.sort !== EVERYTHING.sort) query.set("sort", want.sort);
  if (want.text !== "") query.set("text", want.text);
  const years = yearsText(want);
  if (years !== "") query.set("year", years);
  return query;
}

/** `1994`, `1990-1999`, `1990-`, `-1999`; what cannot be read bounds nothing, bounds the wrong way round are turned. */
export function yearsOf(text: string): Pick<Want, "year_from" | "year_to"> {
  const found = /^\s*(\d{1,4})?\s*(?:([-–])\s*(\d{1,4})?)?\s*$/.exec(text);
  if (found === null) return { year_from: null, year_to: null };
  const [from, to] = [yearOf(found[1]), yearOf(found[3])];
  if (found[2] === undefined) return { year_from: from, year_to: from };
  if (from !== null && to !== null && from > to) return { year_from: to, year_to: from };
  return { year_from: from, year_to: to };
}

export function yearsText({ year_from, year_to }: Want): string {
  if (year_from === year_to) return year_from === null ? "" : `${year_from}`;
  return `${year_from ?? ""}-${year_to ?? ""}`;
}

export function isFiltered(want: Want): boolean {
  return want.text !== "" || want.year_from !== null || want.year_to !== null;
}

function yearOf(digits: string | undefined): number | null {
  return digits === undefined ? null : Number(digits);
}

function isSort(text: string): text is Sort {
  return SORTS.includes(text);
}
