/** Shows subtitles that come in segments: the browser reads each, and its lines go into a track of ours. */

import { client } from "../api/client";
import { needed, segmentsOf, type Segment } from "./subtitle_playlist";

const RETRY_MS = 5000;

export class Subtitles {
  readonly #video: HTMLVideoElement;
  readonly #track: TextTrack;
  #playlist_url: string | null = null;
  #segments: readonly Segment[] = [];
  readonly #asked = new Set<string>();
  /** Lines that reach from one segment into the next stand in both. */
  readonly #lines = new Set<string>();

  constructor(video: HTMLVideoElement) {
    this.#video = video;
    this.#track = video.addTextTrack("subtitles");
    video.addEventListener("timeupdate", this.#follow);
    video.addEventListener("seeking", this.#follow);
  }

  /** Show these subtitles from here on, or none. */
  async show(playlist_url: string | null): Promise<void> {
    if (playlist_url === this.#playlist_url) return;
    this.#clear();
    this.#playlist_url = playlist_url;
    if (playlist_url === null) return;
    try {
      const answer = await client.send("GET", playlist_url);
      const segments = segmentsOf(await answer.text(), answer.url);
      if (playlist_url !== this.#playlist_url) return;
      this.#segments = segments;
      this.#follow();
    } catch {
      if (playlist_url === this.#playlist_url) this.#playlist_url = null; // the film goes on without; choosing them again tries again
    }
  }

  close(): void {
    this.#clear();
    this.#track.mode = "disabled";
    this.#video.removeEventListener("timeupdate", this.#follow);
    this.#video.removeEventListener("seeking", this.#follow);
  }

  readonly #follow = () => {
    for (const { url } of needed(this.#segments, this.#video.currentTime)) {
      if (this.#asked.has(url)) continue;
      this.#asked.add(url);
      this.#read(url);
    }
  };

  /** An element of its own reads a segment; only one that is not disabled does. */
  #read(url: string): void {
    const playlist_url = this.#playlist_url;
    const element = document.createElement("track");
    element.src = url;
    element.track.mode = "hidden";
    element.onload = () => {
      if (playlist_url === this.#playlist_url) this.#take(element.track);
      element.remove();
    };
    element.onerror = () => {
      setTimeout(() => this.#asked.delete(url), RETRY_MS);
      element.remove();
    };
    this.#video.append(element);
  }

  #take(read: TextTrack): void {
    for (const cue of [...(read.cues ?? [])] as VTTCue[]) {
      const line = `${cue.startTime} ${cue.endTime} ${cue.text}`;
      read.removeCue(cue);
      if (!this.#lines.has(line)) this.#track.addCue(cue);
      this.#lines.add(line);
    }
  }

  #clear(): void {
    for (const cue of [...(this.#track.cues ?? [])]) this.#track.removeCue(cue);
    this.#segments = [];
    this.#asked.clear();
    this.#lines.clear();
    this.#track.mode = "showing";
  }
}
