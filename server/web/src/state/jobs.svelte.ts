/** Background jobs as they are, followed while somebody looks. */

import { listJobs, readOverview, readSchedule } from "../api/calls";
import type { Due, Job, Overview } from "../api/types";
import { onItems } from "./live.svelte";
import { server } from "./server.svelte";

const BUSY_MS = 1000;
const CALM_MS = 2000;

export interface JobsNow {
  overview: Overview;
  running: Job[];
  schedule: Due[];
}

class FollowingJobs {
  now = $state.raw<JobsNow | null>(null);
  failure = $state.raw<unknown>(null);
  #timer: ReturnType<typeof setTimeout> | undefined;
  #turn = 0;

  async reload(): Promise<void> {
    const turn = ++this.#turn;
    clearTimeout(this.#timer);
    try {
      const [overview, running, schedule] = await Promise.all([readOverview(), listJobs("running", null), readSchedule()]);
      if (turn !== this.#turn) return;
      this.now = { overview, running: running.items, schedule };
      this.failure = null;
    } catch (error) {
      if (turn !== this.#turn) return;
      this.failure = error;
    }
    this.#timer = setTimeout(() => void this.reload(), this.#is_busy ? BUSY_MS : CALM_MS);
  }

  stop(): void {
    this.#turn += 1;
    clearTimeout(this.#timer);
  }

  get #is_busy(): boolean {
    return this.now?.overview.queues.some(({ counts, is_paused }) => counts.running > 0 || (counts.waiting > 0 && !is_paused)) ?? false;
  }
}

/** Jobs, asked for each second while there is work, else every two, and when items come or go; lives as long as the component. */
export function followingJobs(): FollowingJobs {
  const made = new FollowingJobs();
  $effect(() => {
    void server.return_count;
    void made.reload();
    return () => made.stop();
  });
  onItems(() => made.reload());
  return made;
}
