/** Something that changes all the time, asked for again and again while somebody looks. */

import { server } from "./server.svelte";

export class Refreshing<T> {
  now = $state.raw<T | null>(null);
  failure = $state.raw<unknown>(null);
  readonly #load: () => Promise<T>;
  readonly #pauseOf: (now: T | null) => number;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #turn = 0;

  /** `pauseOf` tells how many milliseconds there are until the next time. */
  constructor(load: () => Promise<T>, pauseOf: (now: T | null) => number) {
    this.#load = load;
    this.#pauseOf = pauseOf;
  }

  async reload(): Promise<void> {
    const turn = ++this.#turn;
    clearTimeout(this.#timer);
    try {
      const now = await this.#load();
      if (turn !== this.#turn) return;
      this.now = now;
      this.failure = null;
    } catch (error) {
      if (turn !== this.#turn) return;
      this.failure = error;
    }
    this.#timer = setTimeout(() => this.#again(), this.#pauseOf(this.now));
  }

  /** In a window that nobody sees the next time waits until somebody does. */
  wake(): void {
    if (this.#timer === undefined) this.#again();
  }

  stop(): void {
    this.#turn += 1;
    clearTimeout(this.#timer);
  }

  #again(): void {
    this.#timer = undefined;
    if (document.visibilityState === "visible") void this.reload();
  }
}

/** A Refreshing that lives as long as the component that asks for it. */
export function refreshing<T>(load: () => Promise<T>, pauseOf: (now: T | null) => number): Refreshing<T> {
  const made = new Refreshing(load, pauseOf);
  $effect(() => {
    void server.return_count;
    void made.reload();
    const wake = () => made.wake();
    document.addEventListener("visibilitychange", wake);
    return () => {
      document.removeEventListener("visibilitychange", wake);
      made.stop();
    };
  });
  return made;
}
