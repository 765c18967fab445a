/** Background jobs as they are, followed while somebody looks. */

import { listJobs, readOverview, readSchedule } from "../api/calls";
import type { Due, Job, Overview } from "../api/types";
import { onItems } from "./live.svelte";
import { refreshing, type Refreshing } from "./refreshing.svelte";

const BUSY_MS = 1000;
const CALM_MS = 2000;

export interface JobsNow {
  overview: Overview;
  running: Job[];
  schedule: Due[];
}

/** Jobs, asked for each second while there is work, else every two, and when items come or go. */
export function followingJobs(): Refreshing<JobsNow> {
  const made = refreshing(read, (now) => (now !== null && isBusy(now) ? BUSY_MS : CALM_MS));
  onItems(() => made.reload());
  return made;
}

async function read(): Promise<JobsNow> {
  const [overview, running, schedule] = await Promise.all([readOverview(), listJobs("running", null), readSchedule()]);
  return { overview, running: running.items, schedule };
}

function isBusy({ overview }: JobsNow): boolean {
  return overview.queues.some(({ counts, is_paused }) => counts.running > 0 || (counts.waiting > 0 && !is_paused));
}
