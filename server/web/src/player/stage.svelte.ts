/** The video element as state, and what can be done to it. Positions are those of all parts together. */

import { partAt, startsOf } from "./timeline";

const SKIP_S = 10;
const VOLUME_STEP = 0.05;
const VOLUME_KEY = "revenge.volume";
/** Jumps that follow each other faster than this are one: a place that is not loaded costs the server work. */
const SETTLE_MS = 250;
export const SPEEDS = [0.5, 0.75, 1, 1.25, 1.5, 1.75, 2] as const;

/** iPhones show nothing but the video itself on the full screen. */
type AppleVideo = HTMLVideoElement & { webkitEnterFullscreen?: () => void };

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
  speed = $state(1);
  video = $state.raw<HTMLVideoElement | null>(null);
  /** A part is loaded: from here on positions are the viewer's. */
  has_begun = false;
  #starts_ms = [0];
  /** What is shown is being changed, and will play when it is there. */
  #goes_on = false;
  /** What is shown is not there yet: what the element says is not of the viewer's place. */
  #is_loading = true;
  #settling: ReturnType<typeof setTimeout> | undefined;

  /** Show parts of these lengths, from a position on. */
  open(lengths_ms: readonly (number | null)[], from_ms: number): void {
    this.#starts_ms = startsOf(lengths_ms);
    this.length_ms = this.#starts_ms.at(-1) ?? 0;
    this.position_ms = Math.min(from_ms, this.length_ms);
    this.part = partAt(this.#starts_ms, this.position_ms);
  }

  attach(video: HTMLVideoElement): () => void {
    video.volume = storedVolume();
    this.video = video;
    return () => {
      clearTimeout(this.#settling);
      this.video = null;
    };
  }

  /** Where the viewer is in the part. */
  get place_ms(): number {
    return this.position_ms - this.#start_ms;
  }

  /** Something else will be loaded into the element, for the same place. */
  expect(): void {
    if (this.video === null || this.#is_loading) return;
    this.#turnTo(this.part, { goes_on: !this.video.paused });
  }

  /** It is loaded: go to where the viewer is. */
  begin(): void {
    const { video } = this;
    if (video === null) return;
    video.currentTime = this.place_ms / 1000;
    video.playbackRate = this.speed;
    this.has_begun = true;
    this.#is_loading = false;
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
    const { video } = this;
    if (video === null) return;
    this.is_muted = video.muted || video.volume === 0;
    this.volume = video.volume;
    if (this.#is_loading || video.readyState === HTMLMediaElement.HAVE_NOTHING) return;
    const end_ms = this.#starts_ms[this.part + 1] ?? 0;
    const part_ms = Number.isFinite(video.duration) ? video.duration * 1000 : end_ms - this.#start_ms;
    if (this.#settling === undefined) this.position_ms = this.#start_ms + video.currentTime * 1000;
    this.length_ms = (this.#starts_ms.at(-1) ?? 0) - end_ms + this.#start_ms + part_ms;
    this.buffered_ms = this.#start_ms + bufferedMs(video);
    if (!video.paused) this.#goes_on = false;
    this.is_playing = (this.#goes_on || !video.paused) && !video.ended;
    this.is_waiting = video.readyState < HTMLMediaElement.HAVE_FUTURE_DATA && !video.ended;
  }

  wait(): void {
    this.is_waiting = true;
  }

  toggle(): void {
    if (this.video?.paused === false) this.pause();
    else this.play();
  }

  play(): void {
    void this.video?.play().catch(() => this.read());
  }

  pause(): void {
    this.video?.pause();
  }

  seek(position_ms: number): void {
    const { video } = this;
    if (video === null) return;
    this.position_ms = Math.min(Math.max(0, position_ms), this.length_ms);
    const part = partAt(this.#starts_ms, this.position_ms);
    if (part !== this.part) this.#turnTo(part, { goes_on: !video.paused });
    else if (!this.#is_loading) this.#settle(video);
  }

  skip(direction: 1 | -1): void {
    this.seek(this.position_ms + direction * SKIP_S * 1000);
  }

  setSpeed(speed: number): void {
    this.speed = speed;
    if (this.video !== null) this.video.playbackRate = speed;
  }

  faster(direction: 1 | -1): void {
    const at = SPEEDS.findIndex((speed) => speed === this.speed) + direction;
    this.setSpeed(SPEEDS[Math.min(Math.max(0, at), SPEEDS.length - 1)] ?? 1);
  }

  setVolume(volume: number): void {
    if (this.video === null) return;
    this.video.volume = Math.min(1, Math.max(0, volume));
    this.video.muted = false;
    localStorage.setItem(VOLUME_KEY, `${this.video.volume}`);
  }

  louder(direction: 1 | -1): void {
    this.setVolume(this.volume + direction * VOLUME_STEP);
  }

  mute(): void {
    if (this.video === null) return;
    if (this.video.volume === 0) this.setVolume(0.5);
    else this.video.muted = !this.video.muted;
  }

  toggleFullscreen(): void {
    if (document.fullscreenElement) void document.exitFullscreen();
    else if (this.frame?.requestFullscreen) void this.frame.requestFullscreen();
    else (this.video as AppleVideo | null)?.webkitEnterFullscreen?.();
  }

  togglePictureInPicture(): void {
    if (document.pictureInPictureElement) void document.exitPictureInPicture();
    else void this.video?.requestPictureInPicture().catch(() => {});
  }

  get #start_ms(): number {
    return this.#starts_ms[this.part] ?? 0;
  }

  /** A loaded place is shown at once, any other when the viewer has stopped jumping. */
  #settle(video: HTMLVideoElement): void {
    clearTimeout(this.#settling);
    const land = () => {
      this.#settling = undefined;
      if (!this.#is_loading) video.currentTime = this.place_ms / 1000;
    };
    if (isBuffered(video, this.place_ms / 1000)) return land();
    this.is_waiting = true;
    this.#settling = setTimeout(land, SETTLE_MS);
  }

  /** Another source takes the place of the one that is shown; the browser plays it if it may. */
  #turnTo(part: number, { goes_on }: { goes_on: boolean }): void {
    if (this.video !== null) this.video.autoplay = goes_on;
    this.is_playing = this.#goes_on = goes_on;
    this.#is_loading = true;
    this.part = part;
    this.is_waiting = true;
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

function isBuffered(video: HTMLVideoElement, at_s: number): boolean {
  return Array.from({ length: video.buffered.length }, (_, index) => index).some(
    (index) => video.buffered.start(index) <= at_s && at_s < video.buffered.end(index),
  );
}

function storedVolume(): number {
  const value = Number.parseFloat(localStorage.getItem(VOLUME_KEY) ?? "");
  return value >= 0 && value <= 1 ? value : 1;
}
