/** Jobs in words. */

import type { Job, QueueState } from "../api/types";
import type { Key } from "../i18n/index.svelte";

const KINDS: Record<string, Key> = {
  "activity.tend": "job.activity.tend",
  "library.pictures": "job.library.pictures",
  "library.scan": "job.library.scan",
  "library.scan_all": "job.library.scan_all",
  "playback.find_keyframes": "job.playback.find_keyframes",
};

export const QUEUES: Record<QueueState["name"], Key> = {
  library: "queue.library",
  metadata: "queue.metadata",
  notification: "queue.notification",
  scrobble: "queue.scrobble",
  transcode: "queue.transcode",
};

/** What a kind of job does; null for one that these pages have no words for. */
export function kindKey(kind: string | null): Key | null {
  return (kind !== null && KINDS[kind]) || null;
}

/** 0 to 1, or null while the end is not known. */
export function fractionOf({ done_count, total_count }: Pick<Job, "done_count" | "total_count">): number | null {
  if (done_count === null || total_count === null || total_count <= 0) return null;
  return Math.min(1, done_count / total_count);
}
