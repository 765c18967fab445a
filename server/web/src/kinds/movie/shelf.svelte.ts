/** The films as the grid shows them: page after page, kept while the reader looks at one of them. */

import { listMovies, type Sort } from "../../api/calls";
import type { Card, Progress } from "../../api/types";

const PAGE_COUNT = 60;
const FRESH_MS = 60_000;

class Shelf {
  sort = $state<Sort>("title");
  cards = $state.raw<Card[]>([]);
  progress = $state.raw<Record<string, Progress>>({});
  failure = $state.raw<unknown>(null);
  is_loading = $state(false);
  is_at_end = $state(false);
  #cursor: string | null = null;
  #loaded_at = Number.NEGATIVE_INFINITY;
  /** Answers that belong to an older order are dropped. */
  #edition = 0;

  /** Called when the grid appears: what was read a moment ago stays, so that "back" is at once. */
  open(): void {
    if (performance.now() - this.#loaded_at > FRESH_MS) this.#restart();
    else if (this.failure !== null) void this.more();
  }

  order(sort: Sort): void {
    if (sort === this.sort) return;
    this.sort = sort;
    this.#restart();
  }

  /** The next page, unless one is on its way or there is none. */
  async more(): Promise<void> {
    if (this.is_loading || this.is_at_end) return;
    const edition = this.#edition;
    this.is_loading = true;
    try {
      const page = await listMovies(this.sort, PAGE_COUNT, this.#cursor);
      if (edition !== this.#edition) return;
      this.cards = [...this.cards, ...page.items];
      this.progress = { ...this.progress, ...page.progress };
      this.#cursor = page.next_cursor;
      this.is_at_end = page.next_cursor === null;
      this.#loaded_at = performance.now();
      this.failure = null;
    } catch (error) {
      if (edition === this.#edition) this.failure = error;
    } finally {
      if (edition === this.#edition) this.is_loading = false;
    }
  }

  /** The player saved a position: the card shows it without asking again. */
  note(item_id: string, progress: Progress): void {
    this.progress = { ...this.progress, [item_id]: progress };
  }

  /** Forget everything; the next grid loads anew. */
  #restart(): void {
    this.#edition += 1;
    this.#cursor = null;
    this.cards = [];
    this.is_at_end = false;
    this.is_loading = false;
    this.failure = null;
    void this.more();
  }
}

export const shelf = new Shelf();
