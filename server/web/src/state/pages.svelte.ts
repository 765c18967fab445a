/** A list that comes page by page, each asked for by the one before. */

interface Page<Row> {
  items: Row[];
  next_cursor?: string | null;
}

export class Pages<Row> {
  rows = $state.raw<Row[] | null>(null);
  failure = $state.raw<unknown>(null);
  has_more = $state(false);
  is_busy = $state(false);
  readonly #load: (cursor: string | null) => Promise<Page<Row>>;
  #cursor: string | null = null;
  #turn = 0;

  constructor(load: (cursor: string | null) => Promise<Page<Row>>) {
    this.#load = load;
  }

  /** Begin again with the first page; the old rows stay until it is there. */
  reload(): Promise<void> {
    return this.#take(null, []);
  }

  more(): Promise<void> {
    return this.is_busy ? Promise.resolve() : this.#take(this.#cursor, this.rows ?? []);
  }

  async #take(cursor: string | null, before: Row[]): Promise<void> {
    const turn = ++this.#turn;
    this.is_busy = true;
    try {
      const page = await this.#load(cursor);
      if (turn !== this.#turn) return;
      this.rows = [...before, ...page.items];
      this.#cursor = page.next_cursor ?? null;
      this.has_more = this.#cursor !== null;
      this.failure = null;
    } catch (error) {
      if (turn === this.#turn) this.failure = error;
    } finally {
      if (turn === this.#turn) this.is_busy = false;
    }
  }
}
