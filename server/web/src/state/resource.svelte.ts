/** Something a page shows that must be loaded first: empty, loaded or failed, and loaded again when the server is back. */

import { server } from "./server.svelte";

export class Resource<T> {
  value = $state.raw<T | null>(null);
  failure = $state.raw<unknown>(null);
  readonly #load: (signal: AbortSignal) => Promise<T>;
  #abort = new AbortController();

  constructor(load: (signal: AbortSignal) => Promise<T>) {
    this.#load = load;
  }

  async reload(): Promise<void> {
    this.stop();
    const { signal } = (this.#abort = new AbortController());
    try {
      const value = await this.#load(signal);
      if (signal.aborted) return;
      this.value = value;
      this.failure = null;
    } catch (error) {
      if (!signal.aborted) this.failure = error;
    }
  }

  stop(): void {
    this.#abort.abort();
  }
}

/** A Resource that lives as long as the component that asks for it, and follows what `load` reads. */
export function resource<T>(load: (signal: AbortSignal) => Promise<T>): Resource<T> {
  const made = new Resource(load);
  $effect(() => {
    void server.return_count;
    void made.reload();
    return () => made.stop();
  });
  return made;
}
