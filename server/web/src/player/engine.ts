/** Puts a play into the video element: a file or HLS by the browser itself, or HLS by a script that is loaded then. */

import type { Way } from "./ability";
import type { Play } from "../api/types";

/** Bytes that do not come, bytes that the browser cannot make a picture of; in doubt they may still come. */
export type Fault = "network" | "media" | "doubt";

export interface Showing {
  /** Begin at this second. */
  from_s: number;
  /** How HLS is played. */
  way: Way | null;
  onfault: (fault: Fault) => void;
}

export interface Engine {
  /** Another sound without an interruption; false where only the server can change it. */
  chooseSound(index: number): boolean;
  /** How fast bytes come; null where nobody measures it. */
  bandwidth_bps(): number | null;
  close(): void;
}

export async function show(video: HTMLVideoElement, play: Play, url: string, showing: Showing): Promise<Engine> {
  if (!play.is_hls || showing.way !== "media-source") return bySource(video, url, showing);
  const { byScript } = await import("./hls");
  return byScript(video, play, url, showing);
}

function bySource(video: HTMLVideoElement, url: string, { onfault }: Showing): Engine {
  const fail = () => onfault(video.error?.code === MediaError.MEDIA_ERR_NETWORK ? "network" : "media");
  video.addEventListener("error", fail);
  video.src = url;
  return {
    chooseSound: () => false,
    bandwidth_bps: () => null,
    close() {
      video.removeEventListener("error", fail);
      video.removeAttribute("src");
      video.load();
    },
  };
}
