import { expect, test } from "vitest";

import { bestFile, nameOf, verdict } from "../../../src/kinds/movie/can_play";
import { aFile, aStream, sound } from "./files";

/** Chromium without HEVC and Dolby: plays these codecs in mp4 and webm, knows no other container. */
const chromium = (type: string) => {
  const [container = "", codecs] = type.split("; codecs=");
  if (!["video/mp4", "video/webm", "audio/mp4", "audio/webm"].includes(container)) return "";
  if (codecs === undefined) return "maybe";
  return /^"(avc1|av01|vp09|mp4a\.40|opus|flac|vorbis)/.test(codecs) ? "probably" : "";
};
const hevc = aStream({ codec: "hevc", codecs: "hvc1.1.6.L120.90" });
const dts = sound({ codec: "dts", codecs: null });

test("what the browser knows plays", () => {
  expect(verdict(aFile(), chromium)).toEqual({ can: "play" });
});

test("a film without sound plays", () => {
  expect(verdict(aFile({ streams: [aStream()] }), chromium)).toEqual({ can: "play" });
});

test("matroska with known codecs is worth a try", () => {
  const file = aFile({ container: "matroska", media_type: "video/x-matroska" });
  expect(verdict(file, chromium)).toEqual({ can: "try" });
});

test("what it cannot play is named, picture and sound", () => {
  const file = aFile({ container: "matroska", streams: [hevc, dts] });
  expect(verdict(file, chromium)).toEqual({ can: "nothing", codecs: ["HEVC", "DTS"] });
});

test("a container that no browser opens is named", () => {
  const file = aFile({ container: "avi", media_type: "video/x-msvideo" });
  expect(verdict(file, chromium)).toEqual({ can: "nothing", codecs: ["AVI"] });
});

test("the marked sound counts, not the others", () => {
  const streams = [aStream(), dts, sound({ index: 2, is_default: true })];
  expect(verdict(aFile({ streams }), chromium)).toEqual({ can: "play" });
});

test("subtitles and attachments do not matter", () => {
  const extra = [aStream({ kind: "subtitle", codec: "pgs", codecs: null }), aStream({ kind: "attachment", codec: "ttf", codecs: null })];
  expect(verdict(aFile({ streams: [...aFile().streams, ...extra] }), chromium)).toEqual({ can: "play" });
});

test("of several files the one that plays is taken", () => {
  const remux = aFile({ file_id: "remux", container: "matroska", streams: [hevc, dts] });
  const attempt = aFile({ file_id: "attempt", container: "matroska" });
  const plain = aFile({ file_id: "plain" });
  const broken = aFile({ file_id: "broken", error: { code: "media.damaged", detail: "Damaged." } });
  expect(bestFile([broken, remux, attempt, plain], chromium)?.file_id).toBe("plain");
  expect(bestFile([broken, remux, attempt], chromium)?.file_id).toBe("attempt");
  expect(bestFile([broken, remux], chromium)?.file_id).toBe("remux");
  expect(bestFile([broken], chromium)?.file_id).toBe("broken");
  expect(bestFile([], chromium)).toBeNull();
});

test.each([
  ["h264", "H.264"],
  ["pcm_s16le", "PCM"],
  ["unheard", "UNHEARD"],
])("%s is called %s", (codec, name) => {
  expect(nameOf(codec)).toBe(name);
});
