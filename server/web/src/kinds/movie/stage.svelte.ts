/** The video element as state, and what can be done to it. */

const SKIP_S = 10;
const VOLUME_STEP = 0.05;
const VOLUME_KEY = "revenge.volume";

export class Stage {
  frame = $state<HTMLElement>();
  position_ms = $state(0);
  length_ms = $state(0);
  buffered_ms = $state(0);
  is_playing = $state(false);
  is_waiting = $state(true);
  is_muted = $state(false);
  volume = $state(1);
  /** The start position is set: from here on positions are the viewer's. */
  has_begun = false;
  #video: HTMLVideoElement | null = null;

  attach(video: HTMLVideoElement): void {
    this.#video = video;
    video.volume = storedVolume();
    this.read();
  }

  /** Take over what the element says; called on its events. */
  read(): void {
    const video = this.#video;
    if (video === null) return;
    this.position_ms = video.currentTime * 1000;
    this.length_ms = Number.isFinite(video.duration) ? video.duration * 1000 : 0;
    this.buffered_ms = bufferedMs(video);
    this.is_playing = !video.paused && !video.ended;
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
    this.#video.currentTime = Math.min(Math.max(0, position_ms), this.length_ms) / 1000;
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
