/** The films as the grid shows them: the pages that were looked at, kept while the reader looks at a film. */

import { indexMovies, listMovies } from "../../api/calls";
import type { Card, MovieIndex, MoviePage, Progress } from "../../api/types";
import type { Span } from "../../parts/window";
import { session } from "../../state/session.svelte";
import { driftsOf } from "./drift";
import { EVERYTHING, queryOf, type Want } from "./want";

const PAGE_COUNT = 100;
const MOST_AT_ONCE = 2;

/** Makes the change in such a way that what the reader looks at stays where it is. */
type Renew = (change: () => void) => void;

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

  /** Where a film stands now, null when that was not asked for in this edition. */
  find(item_id: string): number | null {
    return findIn([...this.pages].filter(([page]) => this.#asked.has(page)), item_id);
  }

  /** Show other films, or the same ones anew; what is shown stays until the answer is there. */
  async show(want: Want, renew: Renew = (change) => change()): Promise<void> {
    const edition = (this.#edition += 1);
    const is_same = `${queryOf(want)}` === `${queryOf(this.#shown)}`;
    this.want = want;
    this.failure = null;
    this.is_loading = true;
    try {
      const [index, pages] = await (is_same ? this.#readAnew(want) : read(want, { first: 0, end: 1 }));
      if (edition !== this.#edition) return;
      this.#shown = want;
      renew(() => this.#begin(index, is_same ? this.pages : new Map(), pages));
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

  /** What is in view, and if that stands elsewhere now, what stands there. */
  async #readAnew(want: Want): Promise<Answer> {
    const { first, end } = this.#span;
    const middle = Math.floor((first + end) / 2);
    const [before, seen] = [this.index, this.card(middle)];
    const [index, pages] = await read(want, { first, end });
    if (before === null || seen === undefined) return [index, pages];
    for (const place of driftsOf(want.sort, before, index, middle)) {
      if (findIn(pages, seen.item_id) !== null) break;
      const around = { first: Math.max(0, place - middle + first), end: place - middle + end };
      for (const [page, answer] of await readPages(want, around, pages)) pages.set(page, answer);
    }
    return [index, pages];
  }

  #begin(index: MovieIndex, kept: ReadonlyMap<number, MoviePage>, pages: ReadonlyMap<number, MoviePage>): void {
    this.index = index;
    this.pages = kept;
    this.#asked.clear();
    for (const [page, answer] of pages) this.#put(page, answer);
  }

  #put(page: number, answer: MoviePage): void {
    this.#asked.add(page);
    this.pages = new Map(this.pages).set(page, answer);
    this.progress = { ...this.progress, ...answer.progress };
  }

  /** Ask for the pages in view, a few at once: one who drags the scroll bar passes most of them. */
  #fetch(): void {
    if (this.index === null || this.is_loading || this.failure !== null) return;
    const { first, end } = this.#span;
    for (const page of pagesOf({ first, end: Math.min(end, this.index.total_count) })) {
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

type Answer = [MovieIndex, Map<number, MoviePage>];

async function read(want: Want, span: Span): Promise<Answer> {
  return Promise.all([indexMovies(want), readPages(want, { ...span, end: Math.max(span.end, span.first + 1) })]);
}

/** The pages that hold a span, but for those that are there. */
async function readPages(want: Want, span: Span, but: ReadonlyMap<number, MoviePage> = new Map()): Promise<Map<number, MoviePage>> {
  const missing = pagesOf(span).filter((page) => !but.has(page));
  return new Map(await Promise.all(missing.map(async (page) => [page, await listMovies(want, PAGE_COUNT, page * PAGE_COUNT, null)] as const)));
}

function findIn(pages: Iterable<[number, MoviePage]>, item_id: string): number | null {
  for (const [page, { items }] of pages) {
    const at = items.findIndex((card) => card.item_id === item_id);
    if (at >= 0) return page * PAGE_COUNT + at;
  }
  return null;
}

function pagesOf({ first, end }: Span): number[] {
  const begin = Math.floor(first / PAGE_COUNT);
  return Array.from({ length: Math.max(0, Math.ceil(end / PAGE_COUNT) - begin) }, (_, index) => begin + index);
}

export const shelf = new Shelf();
session.onEnd(() => shelf.forget());
