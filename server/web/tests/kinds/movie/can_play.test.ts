import { expect, test } from "vitest";

import { nameOf, verdict } from "../../../src/kinds/movie/can_play";
import { aFile, aStream, chromium, dts, hevc, sound } from "./files";

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

test.each([
  ["h264", "H.264"],
  ["pcm_s16le", "PCM"],
  ["unheard", "UNHEARD"],
])("%s is called %s", (codec, name) => {
  expect(nameOf(codec)).toBe(name);
});
