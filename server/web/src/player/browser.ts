/** This browser: what it says about itself, asked once. */

import { reportOf, type Browser, type Way } from "./ability";
import type { BrowserReport } from "../api/types";

const HLS_TYPE = "application/vnd.apple.mpegurl";
const probe = document.createElement("video");
const source = window.MediaSource ?? (window as { ManagedMediaSource?: typeof MediaSource }).ManagedMediaSource;
const has_own_hls = probe.canPlayType(HLS_TYPE) !== "";

/** `?engine=native` in the address plays HLS by the browser's own means where it has some, for tests. */
export function hlsWay(query: URLSearchParams): Way | null {
  const wants_native = source === undefined || query.get("engine") === "native";
  if (wants_native && has_own_hls) return "file";
  return source === undefined ? null : "media-source";
}

export const canPlayType = (type: string) => probe.canPlayType(type);

let report: Promise<BrowserReport> | null = null;

/** What this browser can do; found out at the first call. */
export function browserReport(): Promise<BrowserReport> {
  report ??= reportOf(browser);
  return report;
}

const browser: Browser = {
  plays,
  canOpen: (type) => canPlayType(type) !== "",
  hls: hlsWay(new URLSearchParams(location.search)),
  has_hdr: matchMedia("(dynamic-range: high)").matches,
};

/** An older browser answers about the type alone, or throws at a word it does not know. */
async function plays(way: Way, stream: { video: VideoConfiguration } | { audio: AudioConfiguration }): Promise<boolean> {
  try {
    const { supported, smooth } = await navigator.mediaCapabilities.decodingInfo({ type: way, ...stream });
    return supported && smooth;
  } catch {
    const { contentType } = "video" in stream ? stream.video : stream.audio;
    return way === "file" ? canPlayType(contentType) !== "" : (source?.isTypeSupported(contentType) ?? false);
  }
}
