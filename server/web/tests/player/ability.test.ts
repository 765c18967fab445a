import { expect, test } from "vitest";

import { reportOf, type Browser, type Way } from "../../src/player/ability";

/** A browser that plays what matches, up to a width. */
function aBrowser(known: Record<Way, RegExp>, given: Partial<Browser> & { width?: number } = {}): Browser {
  return {
    plays: async (way, stream) => {
      const { contentType } = "video" in stream ? stream.video : stream.audio;
      return known[way].test(contentType) && !("video" in stream && stream.video.width > (given.width ?? 7680));
    },
    canOpen: (type) => /mp4|webm/.test(type),
    hls: "media-source",
    has_hdr: false,
    ...given,
  };
}

const PLAIN = { file: /avc1\.(64|4D|42)(00|E0)(28|1F|1E)|vp0?[89]|mp4a|opus|vorbis|"mp3"/, "media-source": /avc1\.64|mp4a|opus/ };

test("a browser without anything reports nothing", async () => {
  const report = await reportOf(aBrowser({ file: /^$/, "media-source": /^$/ }, { canOpen: () => false, hls: null }));
  expect(report).toEqual({ files: [], hls: null, video: [], audio: [], subtitles: ["webvtt"], max_bitrate_bps: null });
});

test("the highest level that plays is told, for each profile", async () => {
  const { video } = await reportOf(aBrowser(PLAIN));
  const h264 = video.filter(({ codec }) => codec === "h264").map(({ profile, max_level }) => [profile, max_level]);
  expect(h264).toEqual([["high", 62], ["main", 40], ["constrained baseline", 40], ["baseline", 40]]);
  expect(h264.find(([profile]) => profile === "high 10")).toBeUndefined();
  expect(video.some(({ codec }) => codec === "hevc")).toBe(false);
});

test("containers hold what they may, segments what a script may bring", async () => {
  const { files, hls } = await reportOf(aBrowser(PLAIN));
  expect(files.map(({ container }) => container)).toEqual(["mp4", "webm"]);
  expect(files[0]?.audio_codecs).toEqual(["aac", "opus", "mp3"]);
  expect(files[1]?.video_codecs).toEqual(["vp8", "vp9"]);
  expect(hls).toEqual({ container: "mp4", video_codecs: ["h264"], audio_codecs: ["aac", "opus"] });
});

test("Matroska is told where the browser opens it, with every codec", async () => {
  const { files } = await reportOf(aBrowser(PLAIN, { canOpen: () => true }));
  expect(files.find(({ container }) => container === "matroska")?.video_codecs).toEqual(["h264", "vp8", "vp9"]);
});

test("a browser that plays HLS by itself is asked about files only", async () => {
  const { hls } = await reportOf(aBrowser({ ...PLAIN, "media-source": /^$/ }, { hls: "file" }));
  expect(hls?.audio_codecs).toEqual(["aac", "opus", "mp3"]);
});

test("the width to which it plays smoothly is told", async () => {
  const { video } = await reportOf(aBrowser(PLAIN, { width: 2000 }));
  expect(video[0]?.max_width_px).toBe(1920);
});

test("high dynamic range needs a screen, and more than eight bits", async () => {
  const known = { file: /avc1\.64|hvc1\.2/, "media-source": /^$/ };
  const transfersOf = async (has_hdr: boolean) =>
    (await reportOf(aBrowser(known, { has_hdr }))).video.map(({ codec, transfers }) => [codec, ...transfers]);
  expect(await transfersOf(true)).toEqual([["h264", "sdr"], ["hevc", "sdr", "pq", "hlg"]]);
  expect(await transfersOf(false)).toEqual([["h264", "sdr"], ["hevc", "sdr"]]);
});
