/** Work that is asked for often and runs once in a while, never twice at once. */

/** What happens together, such as the events of one transaction, is one reason to run. */
const GATHER_MS = 50;
const PAUSE_MS = 1000;

export class Calm {
  readonly #work: () => Promise<void>;
  readonly #may_run: () => boolean;
  #is_asked = false;
  #is_running = false;
  #ended_at = -Infinity;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** While `may_run` says no, what is asked for waits until `wake`. */
  constructor(work: () => Promise<void>, may_run: () => boolean = () => true) {
    this.#work = work;
    this.#may_run = may_run;
  }

  ask(): void {
    this.#is_asked = true;
    this.wake();
  }

  wake(): void {
    if (!this.#is_asked || this.#is_running || this.#timer !== undefined || !this.#may_run()) return;
    const wait_ms = Math.max(GATHER_MS, this.#ended_at + PAUSE_MS - performance.now());
    this.#timer = setTimeout(() => void this.#run(), wait_ms);
  }

  stop(): void {
    this.#is_asked = false;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  async #run(): Promise<void> {
    this.#timer = undefined;
    this.#is_asked = false;
    this.#is_running = true;
    try {
      await this.#work();
    } finally {
      this.#is_running = false;
      this.#ended_at = performance.now();
      this.wake();
    }
  }
}
