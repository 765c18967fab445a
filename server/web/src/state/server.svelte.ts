/** Whether the server can be reached; asks again by itself until it can. */

import { client, type Reach } from "../api/client";
import type { Startup } from "../api/types";

const RETRY_MS = 1000;
const PATIENCE_MS = 5000;

class Server {
  reach = $state<Reach>("ready");
  /** How far the start is, when the server tells. */
  startup = $state.raw<Startup | null>(null);
  /** Grows each time the server comes back; whoever failed meanwhile loads again on it. */
  return_count = $state(0);
  #timer: ReturnType<typeof setTimeout> | undefined;

  note(reach: Reach): void {
    if (reach === "ready") return;
    this.reach = reach;
    this.#timer ??= setTimeout(() => void this.#look(), RETRY_MS);
  }

  async #look(): Promise<void> {
    const startup = await readStartup();
    this.#timer = undefined;
    if (startup === null || !startup.is_ready) {
      this.startup = startup;
      this.note(startup === null ? "offline" : "starting");
      return;
    }
    this.startup = null;
    this.reach = "ready";
    this.return_count += 1;
  }
}

export const server = new Server();
client.onReach = (reach) => server.note(reach);

/** The start's report, or null while nobody answers. The client is not used: it would report to us again. */
async function readStartup(): Promise<Startup | null> {
  try {
    const response = await fetch("/health/startup", { signal: AbortSignal.timeout(PATIENCE_MS) });
    return (await response.json()) as Startup;
  } catch {
    return null;
  }
}
