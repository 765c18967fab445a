/** A film being played, as the server knows it: a session for each of its parts, opened anew whenever it is lost. */

import { choosePlay, endPlay, openPlay, reportPlay } from "../api/calls";
import type { MediaFile, Play, PlayRequest, Progress } from "../api/types";
import { hasCode } from "../state/failure";
import { browserReport } from "./browser";
import { carried, NO_WISH, type Wish } from "./wish";

/** Where the viewer is. */
export interface Whereabouts {
  file: MediaFile;
  /** Within the file. */
  start_ms: number;
  /** Within the whole film. */
  position_ms: number;
  is_playing: boolean;
}

const GONE = "playback.session_not_found";
/** Somebody ended it on purpose: it is not opened anew by itself. */
export const STOPPED = "playback.session_stopped";

export class Playing {
  /** Null until the server has answered. */
  play = $state.raw<Play | null>(null);
  wish = $state.raw<Wish>(NO_WISH);
  /** Seconds of film that the server makes in a second; null while it makes nothing. */
  speed = $state<number | null>(null);
  failure = $state.raw<unknown>(null);
  readonly #item_id: string;
  readonly #where: () => Whereabouts;
  readonly #tell: (progress: Progress) => void;
  /** A question is on its way; what becomes of the play before it does not matter any more. */
  is_asking = false;
  #file: MediaFile | null = null;
  /** Answers to what was asked before the last question are dropped. */
  #turn = 0;

  constructor(item_id: string, where: () => Whereabouts, tell: (progress: Progress) => void) {
    this.#item_id = item_id;
    this.#where = where;
    this.#tell = tell;
  }

  /** Begin, or begin anew where the viewer is. */
  async open(): Promise<void> {
    const { file } = this.#where();
    if (this.#file !== null && this.#file !== file) this.wish = carried(this.wish, this.#file, file);
    this.#file = file;
    this.#drop(this.play);
    this.play = null;
    await this.#take(async () => openPlay(await this.#request()));
  }

  /** Ask for something else from here on. */
  async choose(wish: Partial<Wish>): Promise<void> {
    this.wish = { ...this.wish, ...wish };
    const session_id = this.play?.session_id ?? null;
    if (session_id === null) await this.open();
    else await this.#take(async () => choosePlay(session_id, await this.#request()));
  }

  /** Something was chosen that the page does by itself. */
  note(wish: Partial<Wish>): void {
    this.wish = { ...this.wish, ...wish };
  }

  /** Tell where the viewer is. The last report ends the session; one that `outlives` the page is sent though that closes. */
  async report({ is_last = false, outlives = false } = {}): Promise<void> {
    const session_id = this.play?.session_id ?? null;
    if (session_id === null) return;
    const { position_ms, is_playing } = this.#where();
    const body = { position_ms: Math.round(position_ms), is_playing: is_playing && !is_last, is_last };
    try {
      const { progress, speed } = await reportPlay(session_id, body, is_last || outlives);
      this.speed = speed;
      this.#tell(progress);
    } catch (failure) {
      if (is_last || this.play?.session_id !== session_id) return;
      // Whatever else went wrong, the next report tells the same.
      if (hasCode(failure, GONE)) await this.open();
      else if (hasCode(failure, STOPPED)) this.failure = failure;
    }
  }

  /** The viewer leaves the page, or the last of them. */
  async close(): Promise<void> {
    this.#turn += 1;
    await this.report({ is_last: true });
  }

  async #take(ask: () => Promise<Play>): Promise<void> {
    const turn = (this.#turn += 1);
    this.is_asking = true;
    this.failure = null;
    try {
      const play = await ask();
      if (turn === this.#turn) this.play = play;
      else if (play.session_id !== this.play?.session_id) this.#drop(play);
    } catch (failure) {
      if (turn !== this.#turn) return;
      if (hasCode(failure, GONE)) await this.open();
      else this.failure = failure;
    } finally {
      if (turn === this.#turn) this.is_asking = false;
    }
  }

  async #request(): Promise<PlayRequest> {
    const { file, start_ms } = this.#where();
    return {
      item_id: this.#item_id,
      file_id: file.file_id,
      browser: await browserReport(),
      device_profile: null,
      start_ms: Math.round(start_ms),
      max_bitrate_bps: null,
      ...this.wish,
    };
  }

  /** A session that nobody watches any more; one that cannot be ended now ends by itself. */
  #drop(play: Play | null): void {
    if (play?.session_id) endPlay(play.session_id).catch(() => {});
  }
}
