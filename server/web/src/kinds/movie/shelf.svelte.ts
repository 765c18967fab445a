/** The films as the grid shows them: page after page, kept while the reader looks at one of them. */

import { listMovies, type Sort } from "../../api/calls";
import type { Card, Progress } from "../../api/types";
import { session } from "../../state/session.svelte";

const PAGE_COUNT = 60;
const MOST_COUNT = 500;

class Shelf {
  sort = $state<Sort>("title");
  cards = $state.raw<Card[]>([]);
  progress = $state.raw<Record<string, Progress>>({});
  failure = $state.raw<unknown>(null);
  is_loading = $state(false);
  is_at_end = $state(false);
  #cursor: string | null = null;
  /** Answers that belong to an older edition are dropped. */
  #edition = 0;

  /** Read again what is shown, which stays until the answer is there, so that "back" is at once. */
  async refresh(): Promise<void> {
    this.#edition += 1;
    await this.#load(Math.min(Math.max(PAGE_COUNT, this.cards.length), MOST_COUNT), null);
  }

  order(sort: Sort): void {
    if (sort === this.sort) return;
    this.sort = sort;
    this.#empty();
    void this.refresh();
  }

  /** The next page, unless one is on its way or there is none. */
  async more(): Promise<void> {
    if (this.is_loading || this.is_at_end) return;
    await this.#load(PAGE_COUNT, this.#cursor);
  }

  /** The player saved a position: the card shows it without asking again. */
  note(item_id: string, progress: Progress): void {
    this.progress = { ...this.progress, [item_id]: progress };
  }

  /** Nothing of this may be seen by whoever signs in next. */
  forget(): void {
    this.#edition += 1;
    this.is_loading = false;
    this.progress = {};
    this.#empty();
  }

  async #load(count: number, cursor: string | null): Promise<void> {
    const edition = this.#edition;
    this.is_loading = true;
    try {
      const page = await listMovies(this.sort, count, cursor);
      if (edition !== this.#edition) return;
      this.cards = cursor === null ? page.items : [...this.cards, ...page.items];
      this.progress = { ...this.progress, ...page.progress };
      this.#cursor = page.next_cursor;
      this.is_at_end = page.next_cursor === null;
      this.failure = null;
    } catch (error) {
      if (edition === this.#edition) this.failure = error;
    } finally {
      if (edition === this.#edition) this.is_loading = false;
    }
  }

  #empty(): void {
    this.cards = [];
    this.#cursor = null;
    this.is_at_end = false;
    this.failure = null;
  }
}

export const shelf = new Shelf();
session.onEnd(() => shelf.forget());
