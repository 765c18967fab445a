import { expect, test } from "vitest";

import { verdict } from "../../../src/kinds/movie/can_play";
import { aFile, aStream, chromium, dts, hevc, sound } from "./files";

test("what the browser knows plays", () => {
  expect(verdict(aFile(), chromium)).toBe("plays");
});

test("a film without sound plays", () => {
  expect(verdict(aFile({ streams: [aStream()] }), chromium)).toBe("plays");
});

test("matroska with known codecs is worth a try", () => {
  expect(verdict(aFile({ container: "matroska", media_type: "video/x-matroska" }), chromium)).toBe("may");
});

test("what it cannot play, picture, sound or container, is converted", () => {
  expect(verdict(aFile({ streams: [hevc, sound()] }), chromium)).toBe("converted");
  expect(verdict(aFile({ streams: [aStream(), dts] }), chromium)).toBe("converted");
  expect(verdict(aFile({ container: "avi", media_type: "video/x-msvideo" }), chromium)).toBe("converted");
});

test("the marked sound counts, not the others", () => {
  const streams = [aStream(), dts, sound({ index: 2, is_default: true })];
  expect(verdict(aFile({ streams }), chromium)).toBe("plays");
});

test("subtitles and attachments do not matter", () => {
  const extra = [aStream({ kind: "subtitle", codec: "pgs", codecs: null }), aStream({ kind: "attachment", codec: "ttf", codecs: null })];
  expect(verdict(aFile({ streams: [...aFile().streams, ...extra] }), chromium)).toBe("plays");
});
