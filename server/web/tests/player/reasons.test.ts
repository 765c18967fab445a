import { expect, test, vi } from "vitest";

import openapi from "../../../../docs/openapi.json";
import type { Decision, Reason, ReasonCode } from "../../src/api/types";
import { allReasons, methodText, reasonText } from "../../src/player/reasons";

vi.hoisted(() => vi.stubGlobal("localStorage", { getItem: () => "en" }));

const CODES = openapi.components.schemas.ReasonCode.enum as ReasonCode[];
const aReason = (code: ReasonCode, found: Reason["found"] = null): Reason => ({ code, found, any_of: [], none_of: [], at_most: null, at_least: null });

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
  const sentences = CODES.map((code) => reasonText(aReason(code)));
  expect(new Set(sentences).size).toBe(CODES.length);
  for (const sentence of sentences) expect(sentence).toMatch(/^[A-Z].*\.$/);
});

test.each([
  ["video_codec_not_supported", "hevc", ": HEVC."],
  ["container_bitrate_exceeds_limit", 12_345_678, ": 12\u00a0Mbit/s."],
  ["audio_sample_rate_not_supported", 96_000, ": 96\u00a0kHz."],
  ["video_framerate_not_supported", 59.94, ": 59.94\u00a0fps."],
] as const)("%s names what was found: %s", (code, found, end) => {
  expect(reasonText(aReason(code, found))).toContain(end);
});

test("what means nothing to a viewer is left out", () => {
  expect(reasonText(aReason("interlaced_video_not_supported", true))).not.toContain(":");
  expect(reasonText(aReason("machine_too_slow", 12_000_000))).not.toContain(":");
});

test("each code is told once", () => {
  const reasons = [aReason("video_codec_not_supported", "hevc")];
  expect(allReasons(aDecision({ reasons, video: { ...converted, reasons } }))).toHaveLength(1);
});

test.each([
  [{}, "Plays as it is"],
  [{ method: "remux" }, "another container"],
  [{ method: "transcode", audio: converted }, "The sound is converted"],
  [{ method: "transcode", video: converted }, "The picture is converted"],
  [{ method: "transcode", video: converted, audio: converted }, "Picture and sound"],
  [{ method: "transcode", video: converted, subtitle: { index: 4, action: "burn_in", format: null, reasons: [] } }, "Subtitles are drawn"],
  [{ method: "impossible", reasons: [aReason("no_video")] }, "cannot be played"],
  [{ method: "impossible", reasons: [aReason("machine_too_slow")] }, "too slow"],
] as [Partial<Decision>, string][])("%j is told in a line", (given, text) => {
  expect(methodText(aDecision(given))).toContain(text);
});
