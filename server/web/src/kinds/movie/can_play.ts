/** Whether this browser can play a file, and if not, what it is that it cannot play. */

import type { MediaFile, Stream } from "../../api/types";

/** HTMLMediaElement.canPlayType: "" is no, "maybe" and "probably" are yes. */
export type CanPlayType = (type: string) => string;

export type Verdict =
  | { can: "play" }
  /** Nothing speaks against it, but only trying shows. */
  | { can: "try" }
  /** `codecs` are names for people, such as HEVC or DTS; at least one. */
  | { can: "nothing"; codecs: string[] };

/** Containers that hold the codecs of mp4 and webm without being asked for by that name. */
const TRY_CONTAINERS = new Set(["matroska", "mov"]);
const UNKNOWN = "unknown";
const CARRIERS: Record<"video" | "audio", string[]> = {
  video: ["video/mp4", "video/webm"],
  audio: ["audio/mp4", "audio/webm", "video/mp4", "video/webm"],
};

const NAMES: Record<string, string> = {
  aac: "AAC",
  ac3: "Dolby Digital (AC-3)",
  avi: "AVI",
  av1: "AV1",
  dts: "DTS",
  dvd_subtitle: "VobSub",
  eac3: "Dolby Digital Plus (E-AC-3)",
  flac: "FLAC",
  h264: "H.264",
  hdmv_pgs_subtitle: "PGS",
  hevc: "HEVC",
  matroska: "Matroska",
  mov: "QuickTime",
  mov_text: "MP4 Timed Text",
  mp3: "MP3",
  mp4: "MP4",
  mpeg1video: "MPEG-1",
  mpeg2video: "MPEG-2",
  mpeg4: "MPEG-4 Part 2",
  mpegts: "MPEG-TS",
  opus: "Opus",
  prores: "ProRes",
  subrip: "SubRip",
  truehd: "Dolby TrueHD",
  vc1: "VC-1",
  vorbis: "Vorbis",
  vp8: "VP8",
  vp9: "VP9",
  webm: "WebM",
  webvtt: "WebVTT",
  wmv3: "WMV",
};

/** The name of a codec or container as people know it. */
export function nameOf(codec: string): string {
  return NAMES[codec] ?? (codec.startsWith("pcm_") ? "PCM" : codec.toUpperCase());
}

/** Judge one file by its container and by the picture and sound that the browser would pick. */
export function verdict(file: MediaFile, canPlayType: CanPlayType): Verdict {
  const streams = [chosen(file, "video"), chosen(file, "audio")].filter((stream) => stream !== undefined);
  const refused = streams.filter((stream) => !isPlayable(stream, canPlayType));
  if (refused.length > 0) return { can: "nothing", codecs: refused.map((stream) => nameOf(stream.codec)) };
  const container = file.container ?? UNKNOWN;
  if (TRY_CONTAINERS.has(container)) return { can: "try" };
  const [media_type = ""] = file.media_type.split(";");
  return canPlayType(media_type) === "" ? { can: "nothing", codecs: [nameOf(container)] } : { can: "play" };
}

/** Browsers play one picture and one sound of a file: the marked ones, else the first. */
function chosen(file: MediaFile, kind: "video" | "audio"): Stream | undefined {
  const streams = file.streams.filter((stream) => stream.kind === kind);
  return streams.find((stream) => stream.is_default) ?? streams[0];
}

function isPlayable({ kind, codecs }: Stream, canPlayType: CanPlayType): boolean {
  if (codecs === null || (kind !== "video" && kind !== "audio")) return false;
  return CARRIERS[kind].some((carrier) => canPlayType(`${carrier}; codecs="${codecs}"`) !== "");
}
