/** Files and streams to judge. */

import type { MediaFile, Stream } from "../../../src/api/types";

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
