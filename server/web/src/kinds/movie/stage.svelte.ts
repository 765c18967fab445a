/** The video element as state, and what can be done to it. Positions are those of all parts together. */

import { partAt, startsOf } from "./timeline";

const SKIP_S = 10;
const VOLUME_STEP = 0.05;
const VOLUME_KEY = "revenge.volume";

export class Stage {
  frame = $state<HTMLElement>();
  /** Which of the parts is shown. */
  part = $state(0);
  position_ms = $state(0);
  length_ms = $state(0);
  buffered_ms = $state(0);
  is_playing = $state(false);
  is_waiting = $state(true);
  is_muted = $state(false);
  volume = $state(1);
  /** A part is loaded: from here on positions are the viewer's. */
  has_begun = false;
  #video: HTMLVideoElement | null = null;
  #starts_ms = [0];
  /** The next part is not there yet, and will play when it is. */
  #goes_on = false;

  /** Show parts of these lengths, from a position on. */
  open(lengths_ms: readonly (number | null)[], from_ms: number): void {
    this.#starts_ms = startsOf(lengths_ms);
    this.position_ms = from_ms;
    this.part = partAt(this.#starts_ms, from_ms);
  }

  /** The part is loaded, for the first time or once more: go to where the viewer is in it. */
  attach(video: HTMLVideoElement): void {
    if (this.#video !== video) video.volume = storedVolume();
    this.#video = video;
    video.currentTime = (this.position_ms - this.#start_ms) / 1000;
    this.has_begun = true;
    this.read();
  }

  /** The part is over: go on with the next one. False when it was the last. */
  next(): boolean {
    if (this.part >= this.#starts_ms.length - 2) return false;
    this.#turnTo(this.part + 1, { goes_on: true });
    this.position_ms = this.#start_ms;
    return true;
  }

  /** Take over what the element says; called on its events. */
  read(): void {
    const video = this.#video;
    if (video === null || video.readyState === HTMLMediaElement.HAVE_NOTHING) return;
    const end_ms = this.#starts_ms[this.part + 1] ?? 0;
    const part_ms = Number.isFinite(video.duration) ? video.duration * 1000 : 0;
    this.position_ms = this.#start_ms + video.currentTime * 1000;
    this.length_ms = (this.#starts_ms.at(-1) ?? 0) - end_ms + this.#start_ms + part_ms;
    this.buffered_ms = this.#start_ms + bufferedMs(video);
    if (!video.paused) this.#goes_on = false;
    this.is_playing = (this.#goes_on || !video.paused) && !video.ended;
    this.is_waiting = video.readyState < HTMLMediaElement.HAVE_FUTURE_DATA && !video.ended;
    this.is_muted = video.muted || video.volume === 0;
    this.volume = video.volume;
  }

  wait(): void {
    this.is_waiting = true;
  }

  toggle(): void {
    const video = this.#video;
    if (video === null) return;
    if (video.paused) void video.play().catch(() => this.read());
    else video.pause();
  }

  play(): void {
    void this.#video?.play().catch(() => this.read());
  }

  pause(): void {
    this.#video?.pause();
  }

  seek(position_ms: number): void {
    if (this.#video === null) return;
    this.position_ms = Math.min(Math.max(0, position_ms), this.length_ms);
    const part = partAt(this.#starts_ms, this.position_ms);
    if (part === this.part) this.#video.currentTime = (this.position_ms - this.#start_ms) / 1000;
    else this.#turnTo(part, { goes_on: !this.#video.paused });
  }

  skip(direction: 1 | -1): void {
    this.seek(this.position_ms + direction * SKIP_S * 1000);
  }

  setVolume(volume: number): void {
    if (this.#video === null) return;
    this.#video.volume = Math.min(1, Math.max(0, volume));
    this.#video.muted = false;
    localStorage.setItem(VOLUME_KEY, `${this.#video.volume}`);
  }

  louder(direction: 1 | -1): void {
    this.setVolume(this.volume + direction * VOLUME_STEP);
  }

  mute(): void {
    if (this.#video === null) return;
    if (this.#video.volume === 0) this.setVolume(0.5);
    else this.#video.muted = !this.#video.muted;
  }

  get #start_ms(): number {
    return this.#starts_ms[this.part] ?? 0;
  }

  /** Another file takes the place of the one that is shown; the browser plays it if it may. */
  #turnTo(part: number, { goes_on }: { goes_on: boolean }): void {
    if (this.#video !== null) this.#video.autoplay = goes_on;
    this.is_playing = this.#goes_on = goes_on;
    this.part = part;
    this.is_waiting = true;
  }

  toggleFullscreen(): void {
    if (document.fullscreenElement) void document.exitFullscreen();
    else void this.frame?.requestFullscreen?.();
  }
}

/** The end of the loaded part that the viewer is in. */
function bufferedMs(video: HTMLVideoElement): number {
  for (let index = 0; index < video.buffered.length; index += 1) {
    const from = video.buffered.start(index);
    const to = video.buffered.end(index);
    if (from <= video.currentTime && video.currentTime <= to) return to * 1000;
  }
  return video.currentTime * 1000;
}

function storedVolume(): number {
  const value = Number.parseFloat(localStorage.getItem(VOLUME_KEY) ?? "");
  return value >= 0 && value <= 1 ? value : 1;
}
