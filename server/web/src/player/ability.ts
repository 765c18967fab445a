/** What a browser can play, found out by asking it about one codec after the other. Pure but for the asking. */

import type { BrowserReport, ContainerReport, VideoReport } from "../api/types";

/** From a file, or piece by piece out of a script. */
export type Way = "file" | "media-source";

/** What is asked of a browser. */
export interface Browser {
  /** Whether it plays a stream, smoothly where it can tell. */
  plays(way: Way, stream: { video: VideoConfiguration } | { audio: AudioConfiguration }): Promise<boolean>;
  canOpen(type: string): boolean;
  /** How it takes a film in segments: by a script, by itself, or not at all. */
  hls: Way | null;
  /** Its screen shows high dynamic range. */
  has_hdr: boolean;
}

interface Profile {
  codec: string;
  /** FFmpeg's name. */
  profile: string | null;
  bit_depth: number;
  /** FFmpeg's numbers, highest first; one without a number where the codec's files do not tell. */
  levels: (number | null)[];
  /** RFC 6381. */
  codecs(level: number): string;
}

const H264_LEVELS = [62, 61, 60, 52, 51, 50, 42, 41, 40, 32, 31, 30];
const HEVC_LEVELS = [186, 183, 180, 156, 153, 150, 123, 120, 93, 90];
const AV1_LEVELS = [19, 18, 17, 16, 15, 14, 13, 12, 9, 8, 5, 4];
const h264 = (profile: string, prefix: string, bit_depth = 8): Profile => ({
  codec: "h264",
  profile,
  bit_depth,
  levels: H264_LEVELS,
  codecs: (level) => `avc1.${prefix}${level.toString(16).toUpperCase().padStart(2, "0")}`,
});

const PROFILES: Profile[] = [
  h264("high", "6400"),
  h264("main", "4D00"),
  h264("constrained baseline", "42E0"),
  h264("baseline", "4200"),
  h264("high 10", "6E00", 10),
  { codec: "hevc", profile: "main", bit_depth: 8, levels: HEVC_LEVELS, codecs: (level) => `hvc1.1.6.L${level}.B0` },
  { codec: "hevc", profile: "main 10", bit_depth: 10, levels: HEVC_LEVELS, codecs: (level) => `hvc1.2.4.L${level}.B0` },
  { codec: "vp8", profile: null, bit_depth: 8, levels: [null], codecs: () => "vp8" },
  { codec: "vp9", profile: "profile 0", bit_depth: 8, levels: [null], codecs: () => "vp09.00.51.08" },
  { codec: "vp9", profile: "profile 2", bit_depth: 10, levels: [null], codecs: () => "vp09.02.51.10" },
  { codec: "av1", profile: "main", bit_depth: 10, levels: AV1_LEVELS, codecs: (level) => `av01.0.${`${level}`.padStart(2, "0")}M.10` },
];

const SOUNDS: Record<string, string> = {
  aac: "mp4a.40.2",
  opus: "opus",
  flac: "flac",
  mp3: "mp3",
  vorbis: "vorbis",
  ac3: "ac-3",
  eac3: "ec-3",
};

/** What may lie in a container by its specification; Matroska takes everything. */
const VIDEO_IN: Record<string, string[]> = { mp4: ["h264", "hevc", "vp9", "av1"], webm: ["vp8", "vp9", "av1"] };
const AUDIO_IN: Record<string, string[]> = { mp4: ["aac", "opus", "flac", "mp3", "ac3", "eac3"], webm: ["opus", "vorbis"] };
const FILES: { container: string; types: string[] }[] = [
  { container: "mp4", types: ["video/mp4"] },
  { container: "webm", types: ["video/webm"] },
  { container: "matroska", types: ["video/x-matroska", "video/matroska"] },
];

const WIDTHS_PX = [7680, 3840, 2560, 1920, 1280];
const BITRATE_BPS = 8_000_000;
const HDR = ["pq", "hlg"] as const;

/** Everything that the server wants to know. */
export async function reportOf(browser: Browser): Promise<BrowserReport> {
  const ways: Way[] = browser.hls === "media-source" ? ["file", "media-source"] : ["file"];
  const [video, audio] = await Promise.all([
    Promise.all(PROFILES.map((profile) => videoReport(browser, ways, profile))),
    Promise.all(Object.keys(SOUNDS).map((codec) => soundWays(browser, ways, codec))),
  ]);
  const seen = video.filter((one) => one !== null);
  const heard = audio.filter(({ ways }) => ways.length > 0);
  const videoBy = (way: Way) => [...new Set(seen.filter((one) => one.ways.includes(way)).map(({ report }) => report.codec))];
  const audioBy = (way: Way) => heard.filter((one) => one.ways.includes(way)).map(({ codec }) => codec);
  return {
    files: FILES.filter(({ types }) => types.some((type) => browser.canOpen(type))).map(({ container }) =>
      within(container, videoBy("file"), audioBy("file")),
    ),
    hls: browser.hls === null ? null : within("mp4", videoBy(browser.hls), audioBy(browser.hls)),
    video: seen.map(({ report }) => report),
    audio: heard.map(({ codec }) => ({ codec, max_channel_count: null })),
    subtitles: ["webvtt"],
    max_bitrate_bps: null,
  };
}

function within(container: string, video: string[], audio: string[]): ContainerReport {
  return {
    container,
    video_codecs: video.filter((codec) => VIDEO_IN[container]?.includes(codec) ?? true),
    audio_codecs: audio.filter((codec) => AUDIO_IN[container]?.includes(codec) ?? true),
  };
}

/** The highest level that the browser plays, in the ways in which it plays that, and then how wide. */
async function videoReport(browser: Browser, ways: Way[], profile: Profile): Promise<{ ways: Way[]; report: VideoReport } | null> {
  for (const level of profile.levels) {
    const contentType = `${typeOf("video", profile.codec)}; codecs="${profile.codecs(level ?? 0)}"`;
    const asked = (width: number) => ({ contentType, width, height: (width * 9) / 16, framerate: 30, bitrate: BITRATE_BPS });
    const plays = (way: Way, more: object = {}, width = 1280) => browser.plays(way, { video: { ...asked(width), ...more } });
    const found = await filtered(ways, (way) => plays(way));
    const [way] = found;
    if (way === undefined) continue;
    const widths_px = await filtered(WIDTHS_PX, (width) => plays(way, {}, width));
    const transfers = profile.bit_depth > 8 && browser.has_hdr ? await filtered(HDR, (transfer) => plays(way, hdr(transfer))) : [];
    const { codec, bit_depth } = profile;
    return {
      ways: found,
      report: {
        codec,
        profile: profile.profile,
        max_level: level,
        max_width_px: widths_px[0] ?? null,
        max_height_px: null,
        max_frame_rate: null,
        max_bit_depth: bit_depth,
        transfers: ["sdr", ...transfers],
      },
    };
  }
  return null;
}

async function soundWays(browser: Browser, ways: Way[], codec: string): Promise<{ codec: string; ways: Way[] }> {
  const contentType = `${typeOf("audio", codec)}; codecs="${SOUNDS[codec]}"`;
  return { codec, ways: await filtered(ways, (way) => browser.plays(way, { audio: { contentType } })) };
}

function typeOf(kind: "video" | "audio", codec: string): string {
  return codec === "vp8" || codec === "vorbis" ? `${kind}/webm` : `${kind}/mp4`;
}

function hdr(transferFunction: "pq" | "hlg"): object {
  return { transferFunction, colorGamut: "rec2020" };
}

async function filtered<T>(values: readonly T[], test: (value: T) => Promise<boolean>): Promise<T[]> {
  const passes = await Promise.all(values.map(test));
  return values.filter((_, index) => passes[index]);
}
