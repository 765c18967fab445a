/** Tells the server where the viewer is: now and then while playing, at once when it matters. */

const EVERY_MS = 10_000;

/** `last` is the save when the page closes, which must outlive it. */
export type Save = (position_ms: number, options: { last: boolean }) => Promise<void>;

export class PlaceKeeper {
  readonly #save: Save;
  readonly #now: () => number;
  #saved_ms: number | null = null;
  #saved_at: number;

  /** `now` gives milliseconds that never run backwards. */
  constructor(save: Save, now: () => number) {
    this.#save = save;
    this.#now = now;
    this.#saved_at = now();
  }

  /** The film runs and is at `position_ms`; saved when the last time is long enough ago. */
  running(position_ms: number): void {
    if (this.#now() - this.#saved_at >= EVERY_MS) this.keep(position_ms);
  }

  /** Paused, sought or ended at `position_ms`. */
  keep(position_ms: number): void {
    this.#send(position_ms, false);
  }

  /** The page goes away. */
  leave(position_ms: number): void {
    this.#send(position_ms, true);
  }

  #send(position_ms: number, last: boolean): void {
    const rounded_ms = Math.round(position_ms);
    if (!Number.isFinite(rounded_ms) || rounded_ms === this.#saved_ms) return;
    this.#saved_ms = rounded_ms;
    this.#saved_at = this.#now();
    this.#save(rounded_ms, { last }).catch(() => {
      this.#saved_ms = null; // the next occasion tries again
    });
  }
}
