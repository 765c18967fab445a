/** The parts of a version on one time line: who watches does not see where one file ends. Pure. */

import type { MediaFile } from "../api/types";

/** A part whose length nobody knows counts as a moment. */
const MOMENT_MS = 1;

export interface Chapter {
  /** Where it begins on the whole time line. */
  start_ms: number;
  title: string | null;
}

/** Where each part begins, and at last where all of it ends. */
export function startsOf(lengths_ms: readonly (number | null)[]): number[] {
  const starts_ms = [0];
  for (const length_ms of lengths_ms) starts_ms.push((starts_ms.at(-1) ?? 0) + Math.max(MOMENT_MS, length_ms ?? 0));
  return starts_ms;
}

/** The part that is shown at a position; behind the end it is the last one. */
export function partAt(starts_ms: readonly number[], position_ms: number): number {
  const next = starts_ms.findIndex((start_ms) => start_ms > position_ms);
  return Math.max(0, (next < 0 ? starts_ms.length - 1 : next) - 1);
}

export function chaptersOf(files: readonly MediaFile[]): Chapter[] {
  const starts_ms = startsOf(files.map(({ length_ms }) => length_ms));
  return files.flatMap(({ chapters }, part) =>
    chapters.map(({ start_ms, title }) => ({ start_ms: (starts_ms[part] ?? 0) + start_ms, title })),
  );
}
