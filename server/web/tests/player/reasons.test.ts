import { expect, test, vi } from "vitest";

import { REASON_CODES, type Decision } from "../../src/player/api";
import { allReasons, methodText, reasonText } from "../../src/player/reasons";

vi.hoisted(() => vi.stubGlobal("localStorage", { getItem: () => "en" }));

const aDecision = (given: Partial<Decision> = {}): Decision => ({
  method: "direct_play",
  form: { protocol: "file", container: "mp4" },
  video: { index: 0, action: "copy", encoding: null, reasons: [] },
  audio: { index: 1, action: "copy", encoding: null, reasons: [] },
  subtitle: null,
  reasons: [],
  ...given,
});
const converted = { index: 0, action: "transcode" as const, encoding: null, reasons: [] };

test("each reason is a sentence of its own", () => {
  const sentences = REASON_CODES.map((code) => reasonText({ code }));
  expect(new Set(sentences).size).toBe(REASON_CODES.length);
  for (const sentence of sentences) expect(sentence).toMatch(/^[A-Z].*\.$/);
});

test.each([
  [{ code: "video_codec_not_supported", found: "hevc" }, "(HEVC)."],
  [{ code: "container_bitrate_exceeds_limit", found: 12_345_678 }, "(12 Mbit/s)."],
  [{ code: "audio_sample_rate_not_supported", found: 96_000 }, "(96 kHz)."],
  [{ code: "video_framerate_not_supported", found: 59.94 }, "(59.94 fps)."],
] as const)("%j names what was found", (reason, end) => {
  expect(reasonText(reason)).toContain(end);
});

test("what means nothing to a viewer is left out", () => {
  expect(reasonText({ code: "interlaced_video_not_supported", found: true })).not.toContain("(");
  expect(reasonText({ code: "machine_too_slow", at_most: 12_000_000, found: 3 })).not.toContain("(");
});

test("each code is told once", () => {
  const reasons = [{ code: "video_codec_not_supported" as const, found: "hevc" }];
  expect(allReasons(aDecision({ reasons, video: { ...converted, reasons } }))).toHaveLength(1);
});

test.each([
  [{}, "Plays as it is"],
  [{ method: "remux" }, "another container"],
  [{ method: "transcode", audio: converted }, "The sound is converted"],
  [{ method: "transcode", video: converted }, "The picture is converted"],
  [{ method: "transcode", video: converted, audio: converted }, "Picture and sound"],
  [{ method: "transcode", video: converted, subtitle: { index: 4, action: "burn_in", format: null, reasons: [] } }, "Subtitles are drawn"],
  [{ method: "impossible", reasons: [{ code: "no_video" }] }, "cannot be played"],
  [{ method: "impossible", reasons: [{ code: "machine_too_slow" }] }, "too slow"],
] as [Partial<Decision>, string][])("%j is told in a line", (given, text) => {
  expect(methodText(aDecision(given))).toContain(text);
});
