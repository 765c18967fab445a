/** Files and streams to judge. */

import type { MediaFile, Movie, Stream, Version } from "../../../src/api/types";

export function aStream(given: Partial<Stream> = {}): Stream {
  return {
    index: 0,
    kind: "video",
    codec: "h264",
    codecs: "avc1.640028",
    language: null,
    title: null,
    is_default: false,
    width_px: null,
    height_px: null,
    frame_rate: null,
    channel_count: null,
    sample_rate_hz: null,
    bitrate_bps: null,
    ...given,
  };
}

export const sound = (given: Partial<Stream> = {}) => aStream({ kind: "audio", codec: "aac", codecs: "mp4a.40.2", ...given });

export function aFile(given: Partial<MediaFile> = {}): MediaFile {
  return {
    file_id: "f1",
    name: "Alien (1979).mp4",
    container: "mp4",
    media_type: 'video/mp4; codecs="avc1.640028, mp4a.40.2"',
    size_bytes: 1_440_000_000,
    length_ms: 8_040_000,
    streams: [aStream(), sound()],
    content_url: "/api/v1/files/f1/content",
    chapters: [],
    version: 0,
    is_stub: false,
    error: null,
    ...given,
  };
}

/** Chromium without HEVC and Dolby: plays these codecs in mp4 and webm, knows no other container. */
export const chromium = (type: string) => {
  const [container = "", codecs] = type.split("; codecs=");
  if (!["video/mp4", "video/webm", "audio/mp4", "audio/webm"].includes(container)) return "";
  if (codecs === undefined) return "maybe";
  return /^"(avc1|av01|vp09|mp4a\.40|opus|flac|vorbis)/.test(codecs) ? "probably" : "";
};
export const hevc = aStream({ codec: "hevc", codecs: "hvc1.1.6.L120.90" });
export const dts = sound({ codec: "dts", codecs: null });

export function aVersion(given: Partial<Version> = {}): Version {
  return { label: "", edition: null, format_3d: null, disc: null, is_stub: false, files: [aFile()], ...given };
}

export function aFilm(given: Partial<Movie> = {}): Movie {
  return {
    item_id: "m1",
    kind: "movie",
    title: "Alien",
    year: 1979,
    image_url: null,
    length_ms: 8_040_000,
    added_at: "2026-01-01T00:00:00Z",
    blurhash: null,
    library_id: "l1",
    versions: [aVersion()],
    subtitles: [],
    extras: [],
    external_ids: {},
    backdrop_url: null,
    logo_url: null,
    progress: null,
    ...given,
  };
}
