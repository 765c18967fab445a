/** Codecs and containers as people know them. */

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

/** `5.1`, `2.0`. */
export function channelsText(count: number | null | undefined): string | null {
  if (!count) return null;
  const layouts: Record<number, string> = { 1: "1.0", 2: "2.0", 6: "5.1", 8: "7.1" };
  return layouts[count] ?? `${count}.0`;
}
