/** The connection over which the server tells what happens: it mends itself and misses nothing. */

const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 30_000;
/** The server pings; one that is later than this is gone, such as after a sleep. */
const PATIENCE_MS = 15_000;
const PING_S = 30;

export interface ItemsEvent {
  kind: "items.added" | "items.changed" | "items.removed";
  library_id: string;
  item_ids: string[];
}

type Message =
  | { type: "hello"; last_id: string; ping_s: number }
  | { type: "event"; id: string; event: { kind: string } }
  | { type: "reset"; last_id: string }
  | { type: "ping"; last_id: string }
  | { type: "pong" | "error" | "subscribed" };

export interface Hearer {
  hear(event: ItemsEvent): void;
  /** Something may have happened that nobody told of: read everything anew. */
  lose(): void;
  /** Whether to connect again. A page never learns why a handshake was refused; another request does. */
  mayConnect(): Promise<boolean>;
}

export class Line {
  readonly #url: string;
  readonly #hearer: Hearer;
  #socket: WebSocket | null = null;
  /** Where to go on; null before the first hello. */
  #last_id: string | null = null;
  #ping_ms = PING_S * 1000;
  #pause_ms = FIRST_PAUSE_MS;
  #silence: ReturnType<typeof setTimeout> | undefined;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #is_closed = false;

  constructor(url: string, hearer: Hearer) {
    this.#url = url;
    this.#hearer = hearer;
    this.#connect();
  }

  close(): void {
    this.#is_closed = true;
    clearTimeout(this.#retry);
    this.#hangUp();
  }

  /** Something tells that trying again may help: do not wait out the pause. */
  hurry(): void {
    if (this.#retry === undefined) return;
    this.#pause_ms = FIRST_PAUSE_MS;
    clearTimeout(this.#retry);
    void this.#tryAgain();
  }

  #connect(): void {
    const socket = (this.#socket = new WebSocket(this.#last_id === null ? this.#url : `${this.#url}&after=${this.#last_id}`));
    socket.onmessage = ({ data }: MessageEvent<string>) => this.#hear(JSON.parse(data) as Message);
    socket.onclose = () => this.#mend();
    this.#listen();
  }

  #hear(message: Message): void {
    this.#listen();
    switch (message.type) {
      case "hello":
        this.#greet(message.last_id, message.ping_s);
        break;
      case "event":
        this.#last_id = message.id;
        if (isAboutItems(message.event)) this.#hearer.hear(message.event);
        break;
      case "reset":
        this.#last_id = message.last_id;
        this.#hearer.lose();
        break;
      case "ping":
        this.#last_id = message.last_id;
        this.#socket?.send('{"type":"pong"}');
    }
  }

  #greet(last_id: string, ping_s: number): void {
    this.#ping_ms = ping_s * 1000;
    this.#pause_ms = FIRST_PAUSE_MS;
    if (this.#last_id !== null) return; // what happened since then follows
    this.#last_id = last_id;
    this.#hearer.lose();
  }

  /** Expect the next word in time; a connection may die without a sign. */
  #listen(): void {
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => this.#mend(), this.#ping_ms + PATIENCE_MS);
  }

  #hangUp(): void {
    clearTimeout(this.#silence);
    if (this.#socket === null) return;
    this.#socket.onmessage = this.#socket.onclose = null;
    this.#socket.close();
    this.#socket = null;
  }

  /** Try again after a pause that grows, and that differs from one page to the next. */
  #mend(): void {
    this.#hangUp();
    this.#retry = setTimeout(() => void this.#tryAgain(), this.#pause_ms * (0.5 + Math.random() / 2));
    this.#pause_ms = Math.min(2 * this.#pause_ms, LONGEST_PAUSE_MS);
  }

  async #tryAgain(): Promise<void> {
    this.#retry = undefined;
    const may_connect = await this.#hearer.mayConnect();
    if (this.#is_closed) return;
    if (may_connect) this.#connect();
    else this.#mend();
  }
}

function isAboutItems(event: { kind: string }): event is ItemsEvent {
  return event.kind.startsWith("items.");
}
