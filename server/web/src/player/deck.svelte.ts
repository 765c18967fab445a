/** What plays a film: the element, the session at the server, and what to do when one of them fails. */

import type { MediaFile, Progress } from "../api/types";
import { t } from "../i18n/index.svelte";
import { hasCode } from "../state/failure";
import type { Way } from "./ability";
import { chapterBeside } from "./chapters";
import { show, type Engine, type Fault } from "./engine";
import { lookAt } from "./faults";
import { Playing, STOPPED } from "./playing.svelte";
import { Stage } from "./stage.svelte";
import { Subtitles } from "./subtitles";
import { chaptersOf } from "./timeline";
import { NO_SUBTITLE, withoutWay } from "./wish";

/** What is played: an item in the files of one of its versions. */
export interface Feature {
  item_id: string;
  title: string;
  image_url: string | null;
  files: MediaFile[];
}

const MOST_TRIES = 3;
/** A viewer who came this far since the last failure has seen it mended. */
const MENDED_MS = 5000;

export class Deck {
  readonly stage = new Stage();
  readonly playing: Playing;
  readonly feature: Feature;
  readonly chapters;
  /** The server does not answer; the film goes on when it does. */
  is_away = false;
  /** Nothing more can be tried: a sentence that says what to do. */
  sentence = $state<string | null>(null);
  readonly #way: Way | null;
  #engine: Engine | null = null;
  #subtitles: Subtitles | null = null;
  /** What was read last, for turning it on again. */
  #read_index: number | null = null;
  #tries = 0;
  #failed_at_ms = 0;

  constructor(feature: Feature, way: Way | null, from_ms: number, tell: (progress: Progress) => void) {
    this.feature = feature;
    this.chapters = chaptersOf(feature.files);
    this.#way = way;
    this.stage.open(feature.files.map(({ length_ms }) => length_ms), from_ms);
    this.playing = new Playing(feature.item_id, () => this.#where(), tell);
  }

  get file(): MediaFile {
    return this.feature.files[this.stage.part] as MediaFile;
  }

  readonly attach = (video: HTMLVideoElement): (() => void) => {
    const detach = this.stage.attach(video);
    this.#subtitles = new Subtitles(video);
    return () => {
      this.#subtitles?.close();
      detach();
    };
  };

  /** Put what the server offers into the element; returns how to take it out again. */
  load(): () => void {
    const { play } = this.playing;
    const { video } = this.stage;
    if (video === null || play === null || play.url === null) return () => {};
    let is_over = false;
    const showing = { from_s: this.stage.place_ms / 1000, way: this.#way, onfault: (fault: Fault) => void this.fail(fault) };
    show(video, play, play.url, showing).then(
      (engine) => {
        if (is_over) engine.close();
        else this.#engine = engine;
      },
      () => this.fail("network"),
    );
    return () => {
      is_over = true;
      this.stage.expect();
      this.#engine?.close();
      this.#engine = null;
    };
  }

  sound_index = $derived.by(() => this.playing.wish.audio_index ?? this.playing.play?.sound_index ?? null);
  subtitle_index = $derived.by(() => this.playing.wish.subtitle_index ?? this.playing.play?.subtitle_index ?? NO_SUBTITLE);

  async chooseSound(audio_index: number): Promise<void> {
    if (this.#engine?.chooseSound(audio_index)) this.playing.note({ audio_index });
    else await this.playing.choose({ audio_index });
  }

  /** Text is the page's; pictures are drawn in by the server, which has to begin anew. */
  async chooseSubtitle(subtitle_index: number): Promise<void> {
    if (this.subtitle_index !== NO_SUBTITLE) this.#read_index = this.subtitle_index;
    const is_drawn = (index: number) => this.playing.play?.subtitles.some((one) => one.index === index && !one.is_text);
    if (is_drawn(subtitle_index) || is_drawn(this.subtitle_index)) await this.playing.choose({ subtitle_index });
    else this.playing.note({ subtitle_index });
  }

  async chooseQuality(max_height_px: number | null): Promise<void> {
    await this.playing.choose({ max_height_px });
  }

  /** Show the chosen subtitles, where they are text. */
  showSubtitles(): void {
    const chosen = this.playing.play?.subtitles.find(({ index }) => index === this.subtitle_index);
    void this.#subtitles?.show(chosen?.playlist_url ?? null);
  }

  /** Off, or on again: what was read or preferred or marked, else the first. */
  turnSubtitles(): void {
    const { play } = this.playing;
    if (play === null) return;
    if (this.subtitle_index !== NO_SUBTITLE) return void this.chooseSubtitle(NO_SUBTITLE);
    const texts = play.subtitles.filter(({ is_text }) => is_text);
    const wanted = play.subtitles.find(({ index }) => index === (this.#read_index ?? play.subtitle_index)) ?? texts.find(({ is_default }) => is_default) ?? texts[0];
    if (wanted !== undefined) void this.chooseSubtitle(wanted.index);
  }

  readonly turnChapter = (direction: 1 | -1): void => {
    const start_ms = chapterBeside(this.chapters, this.stage.position_ms, direction);
    if (start_ms !== null) this.stage.seek(start_ms);
  };

  bandwidth_bps(): number | null {
    return this.#engine?.bandwidth_bps() ?? null;
  }

  /** The element or its script gave up: find out why, and try what is left. */
  async fail(fault: Fault): Promise<void> {
    const { play, wish } = this.playing;
    if (play === null || play.url === null || this.playing.is_asking) return;
    const look = await lookAt(play.url);
    if (play !== this.playing.play || this.playing.is_asking) return;
    if (look === "away") this.is_away = true;
    else if (typeof look === "object") this.playing.failure = look.failure;
    else if (look === "over" || fault === "network") await this.#again(t("player.interrupted"));
    else if (fault === "media") {
      const failed = withoutWay(wish.failed, play.decision.method);
      if (failed === null) await this.#again(t("player.damaged"));
      else await this.playing.choose({ failed });
    }
  }

  /** The server was away and is back; whoever still sees the film has not missed it. */
  async comeBack(): Promise<void> {
    if (hasCode(this.playing.failure, STOPPED)) return;
    if (!this.is_away && !this.stage.is_waiting && this.playing.failure === null) return this.playing.report();
    if (this.playing.failure !== null) return this.retry();
    this.is_away = false;
    await this.playing.open();
  }

  /** Begin anew, and play: it was the sentence that held the film. */
  async retry(): Promise<void> {
    this.sentence = null;
    this.is_away = false;
    this.#tries = 0;
    this.stage.play();
    this.playing.note({ failed: [] });
    await this.playing.open();
  }

  /** Some places of a film come only at the second try; `sentence` is for when they never do. */
  async #again(sentence: string): Promise<void> {
    const { position_ms } = this.stage;
    if (Math.abs(position_ms - this.#failed_at_ms) > MENDED_MS) this.#tries = 0;
    this.#failed_at_ms = position_ms;
    this.#tries += 1;
    if (this.#tries > MOST_TRIES) this.sentence = sentence;
    else await this.playing.open();
  }

  #where() {
    const { place_ms, position_ms, is_playing } = this.stage;
    return { file: this.file, start_ms: place_ms, position_ms, is_playing };
  }
}
