/** What a scan's counts say about its end. */

import type { Scan } from "../api/types";

const SURE_AFTER_MS = 5000;

/** It runs, or will as soon as it may. */
export function isUnderWay(scan: Scan | null | undefined): scan is Scan {
  return scan?.state === "running" || scan?.state === "waiting";
}

/** 0 to 1, or null while the files are still being counted. */
export function fractionOf(scan: Scan): number | null {
  if (scan.phase === "walk" || scan.found_count === 0) return null;
  return Math.min(1, scan.done_count / scan.found_count);
}

/** The time left at the speed so far; null while that would be a guess. */
export function leftMs(scan: Scan, now_ms: number): number | null {
  const fraction = fractionOf(scan);
  const spent_ms = now_ms - Date.parse(scan.started_at);
  if (fraction === null || fraction === 0 || spent_ms < SURE_AFTER_MS) return null;
  const left_ms = (spent_ms / fraction) * (1 - fraction);
  return left_ms > 0 ? Math.max(1000, left_ms) : null;
}
