/** The films as the grid shows them: the pages that were looked at, kept while the reader looks at a film. */

import { indexMovies, listMovies } from "../../api/calls";
import type { Card, MovieIndex, MoviePage, Progress } from "../../api/types";
import type { Span } from "../../parts/window";
import { session } from "../../state/session.svelte";
import { EVERYTHING, queryOf, type Want } from "./want";

const PAGE_COUNT = 100;
const MOST_AT_ONCE = 2;

class Shelf {
  want = $state.raw<Want>(EVERYTHING);
  /** Null until the first answer. */
  index = $state.raw<MovieIndex | null>(null);
  pages = $state.raw<ReadonlyMap<number, MoviePage>>(new Map());
  progress = $state.raw<Record<string, Progress>>({});
  failure = $state.raw<unknown>(null);
  is_loading = $state(false);
  /** What the pages hold, while what is wanted is on its way. */
  #shown: Want = EVERYTHING;
  #span: Span = { first: 0, end: 0 };
  /** Pages that were asked for in this edition; answers of an older edition are dropped. */
  #asked = new Set<number>();
  #edition = 0;
  #at_once = 0;

  card(index: number): Card | undefined {
    return this.pages.get(Math.floor(index / PAGE_COUNT))?.items[index % PAGE_COUNT];
  }

  /** Show other films, or the same ones anew; what is shown stays until the answer is there. */
  async show(want: Want): Promise<void> {
    const edition = (this.#edition += 1);
    const is_same = `${queryOf(want)}` === `${queryOf(this.#shown)}`;
    const page = is_same ? Math.floor(this.#span.first / PAGE_COUNT) : 0;
    this.want = want;
    this.is_loading = true;
    try {
      const [index, first] = await Promise.all([indexMovies(want), listMovies(want, PAGE_COUNT, page * PAGE_COUNT, null)]);
      if (edition !== this.#edition) return;
      this.#shown = want;
      this.#begin(index, is_same ? this.pages : new Map());
      this.#put(page, first);
    } catch (error) {
      if (edition === this.#edition) this.failure = error;
    } finally {
      if (edition === this.#edition) this.is_loading = false;
    }
    this.#fetch();
  }

  /** These cards are in or near the view. */
  need(span: Span): void {
    this.#span = span;
    this.#fetch();
  }

  async retry(): Promise<void> {
    this.failure = null;
    await this.show(this.want);
  }

  /** The player saved a position: the card shows it without asking again. */
  note(item_id: string, progress: Progress): void {
    this.progress = { ...this.progress, [item_id]: progress };
  }

  /** Nothing of this may be seen by whoever signs in next. */
  forget(): void {
    this.#edition += 1;
    this.#span = { first: 0, end: 0 };
    this.#asked.clear();
    this.want = this.#shown = EVERYTHING;
    this.index = null;
    this.pages = new Map();
    this.progress = {};
    this.failure = null;
    this.is_loading = false;
  }

  #begin(index: MovieIndex, kept: ReadonlyMap<number, MoviePage>): void {
    this.index = index;
    this.pages = kept;
    this.failure = null;
    this.#asked.clear();
  }

  #put(page: number, answer: MoviePage): void {
    this.#asked.add(page);
    this.pages = new Map(this.pages).set(page, answer);
    this.progress = { ...this.progress, ...answer.progress };
  }

  /** Ask for the pages in view, a few at once: one who drags the scroll bar passes most of them. */
  #fetch(): void {
    if (this.index === null || this.is_loading || this.failure !== null) return;
    const end = Math.min(this.#span.end, this.index.total_count);
    for (let page = Math.floor(this.#span.first / PAGE_COUNT); page * PAGE_COUNT < end; page += 1) {
      if (this.#at_once >= MOST_AT_ONCE) return;
      if (!this.#asked.has(page)) void this.#load(page);
    }
  }

  async #load(page: number): Promise<void> {
    const edition = this.#edition;
    const cursor = this.#asked.has(page - 1) ? (this.pages.get(page - 1)?.next_cursor ?? null) : null;
    this.#asked.add(page);
    this.#at_once += 1;
    try {
      const answer = await listMovies(this.want, PAGE_COUNT, page * PAGE_COUNT, cursor);
      if (edition === this.#edition) this.#put(page, answer);
    } catch (error) {
      if (edition !== this.#edition) return;
      this.#asked.delete(page);
      this.failure = error;
    } finally {
      this.#at_once -= 1;
      this.#fetch();
    }
  }
}

export const shelf = new Shelf();
session.onEnd(() => shelf.forget());
