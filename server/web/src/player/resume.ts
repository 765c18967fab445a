/** Where to go on: a film just begun starts over, and so does one whose credits were running. Pure. */

import type { Progress } from "../api/types";

const FROM_FRACTION = 0.05;
const TO_FRACTION = 0.9;

/** The position to resume at, or null to start at the beginning. A film watched before resumes like any other. */
export function resumeAtMs(progress: Progress | null | undefined): number | null {
  if (progress === null || progress === undefined) return null;
  const { fraction, position_ms } = progress;
  return fraction >= FROM_FRACTION && fraction <= TO_FRACTION ? position_ms : null;
}

/** The newer of two reports: a page may be read while the player's last save is still on its way. */
export function latest(one: Progress | null | undefined, other: Progress | null | undefined): Progress | null {
  if (!one || !other) return one ?? other ?? null;
  return Date.parse(one.last_at ?? "") >= Date.parse(other.last_at ?? "") ? one : other;
}
