/** HLS by Media Source Extensions. In a module of its own, so that only those load it who need it. */

import Hls, { ErrorTypes, Events } from "hls.js";

import type { Play } from "../api/types";
import type { Engine, Showing } from "./engine";

const AHEAD_S = 30;
const MOST_AHEAD_S = 600;
const BEHIND_S = 60;
/** A segment that is still to be encoded comes late. */
const PATIENCE_MS = 60_000;

export function byScript(video: HTMLVideoElement, play: Play, url: string, { from_s, onfault }: Showing): Engine {
  const hls = new Hls({
    startPosition: from_s,
    maxBufferLength: AHEAD_S,
    maxMaxBufferLength: MOST_AHEAD_S,
    backBufferLength: BEHIND_S,
    fragLoadPolicy: {
      default: {
        ...Hls.DefaultConfig.fragLoadPolicy.default,
        maxTimeToFirstByteMs: PATIENCE_MS,
        maxLoadTimeMs: 2 * PATIENCE_MS,
      },
    },
    // Subtitles are shown by the page.
    subtitleStreamController: undefined,
    subtitleTrackController: undefined,
    timelineController: undefined,
  });
  let was_recovered = false;
  hls.on(Events.ERROR, (_, { fatal, type }) => {
    const is_network = type === ErrorTypes.NETWORK_ERROR;
    if (!fatal) {
      if (is_network) onfault("doubt");
    } else if (type === ErrorTypes.MEDIA_ERROR && !was_recovered) {
      was_recovered = true;
      hls.recoverMediaError();
    } else onfault(is_network ? "network" : "media");
  });
  hls.on(Events.MANIFEST_PARSED, () => {
    if (play.sound_index !== null) chooseSound(hls, play.sound_index);
  });
  hls.loadSource(url);
  hls.attachMedia(video);
  return {
    chooseSound: (index) => chooseSound(hls, index),
    bandwidth_bps: () => (Number.isFinite(hls.bandwidthEstimate) ? hls.bandwidthEstimate : null),
    close: () => hls.destroy(),
  };
}

/** Each sound is a rendition that goes by its stream's number. */
function chooseSound(hls: Hls, index: number): boolean {
  const at = hls.allAudioTracks.findIndex((track) => new URL(track.url, location.href).pathname.includes(`/a${index}/`));
  if (at < 0) return false;
  hls.setAudioOption(hls.allAudioTracks[at]);
  return true;
}
