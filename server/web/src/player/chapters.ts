/** The chapters along the whole time line. Pure. */

import type { Chapter } from "./timeline";

/** A viewer who goes back within this after a chapter's begin means the one before. */
const GRACE_MS = 3000;

/** The chapter of a time; null before the first. */
export function chapterAt(chapters: readonly Chapter[], position_ms: number): number | null {
  const at = chapters.findLastIndex(({ start_ms }) => start_ms <= position_ms);
  return at < 0 ? null : at;
}

/** Where the chapter before or after begins; null where there is none. */
export function chapterBeside(chapters: readonly Chapter[], position_ms: number, direction: 1 | -1): number | null {
  if (direction > 0) return chapters.find(({ start_ms }) => start_ms > position_ms)?.start_ms ?? null;
  return chapters.findLast(({ start_ms }) => start_ms < position_ms - GRACE_MS)?.start_ms ?? null;
}
