/** Libraries with their scans, followed while one of them is under way. */

import type { Library } from "../api/types";
import { isUnderWay } from "../parts/scan";
import { onItems } from "./live.svelte";
import { server } from "./server.svelte";

const EVERY_MS = 1000;

class Following {
  libraries = $state.raw<Library[] | null>(null);
  failure = $state.raw<unknown>(null);
  readonly #load: () => Promise<Library[]>;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #is_stopped = false;

  constructor(load: () => Promise<Library[]>, first: Library[] | null) {
    this.#load = load;
    this.libraries = first;
  }

  async reload(): Promise<void> {
    clearTimeout(this.#timer);
    this.#is_stopped = false;
    try {
      this.libraries = await this.#load();
      this.failure = null;
    } catch (error) {
      this.failure = error;
    }
    if (!this.#is_stopped && this.is_scanning) this.#timer = setTimeout(() => void this.reload(), EVERY_MS);
  }

  stop(): void {
    this.#is_stopped = true;
    clearTimeout(this.#timer);
  }

  get is_scanning(): boolean {
    return this.libraries?.some(({ scan }) => isUnderWay(scan)) ?? false;
  }
}

export type { Following };

/** Libraries as `load` gives them, asked for each second while a scan is under way, else when items come or go; lives as long as the component. */
export function following(load: () => Promise<Library[]>, first: Library[] | null = null): Following {
  const made = new Following(load, first);
  $effect(() => {
    void server.return_count;
    void made.reload();
    return () => made.stop();
  });
  onItems(async () => {
    if (!made.is_scanning) await made.reload();
  });
  return made;
}
