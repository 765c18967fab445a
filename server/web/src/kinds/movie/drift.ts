/** Where a film is likely to stand after others came or went. Pure. */

import type { Sort } from "../../api/calls";
import type { MovieIndex } from "../../api/types";

interface Stretch {
  offset: number;
  count: number;
}

/**
 * Where to look for what stood at `at` when the list was `before`: as far from the start of its letter, as far from its
 * end, or by its share of the way. By year or date of arrival the whole list is one stretch.
 */
export function driftsOf(sort: Sort, before: MovieIndex, now: MovieIndex, at: number): number[] {
  const letter = sort === "title" ? before.letters.findLast(({ offset }) => offset <= at) : undefined;
  const same = now.letters.find((one) => one.letter === letter?.letter);
  const places = letter && same ? placesIn(letter, same, at) : placesIn(whole(before), whole(now), at);
  return places.map((place) => Math.max(0, Math.min(now.total_count - 1, Math.round(place))));
}

function placesIn(from: Stretch, to: Stretch, at: number): number[] {
  const done = at - from.offset;
  const left = from.count - done;
  return [to.offset + done, to.offset + to.count - left, to.offset + (done / Math.max(1, from.count)) * to.count];
}

function whole({ total_count }: MovieIndex): Stretch {
  return { offset: 0, count: total_count };
}
