import { expect, test } from "vitest";

import { cardFacts, fileFacts, streamFacts } from "../../../src/kinds/movie/facts";
import { aFile, aStream, sound } from "./files";

const card = { year: 1979, length_ms: 8_040_000 };

test("the facts of a film stand in one line", () => {
  const file = aFile({ streams: [aStream({ width_px: 1920, height_px: 1080 })] });
  expect([...cardFacts(card, [file]), ...fileFacts([file], "en")]).toEqual(["1979", "2 h 14 min", "1080p", "H.264", "1.4 GB"]);
});

test("parts count together", () => {
  const part = aFile({ length_ms: 3_600_000 });
  expect([...cardFacts(card, [part, part]), ...fileFacts([part, part], "en")]).toEqual(["1979", "2 h", "H.264", "2.9 GB"]);
  expect(cardFacts(card, [part, aFile({ length_ms: null })])).toEqual(["1979", "2 h 14 min"]);
});

test.each([
  [1920, 800, "1080p"],
  [3840, 1600, "4K"],
  [1280, 720, "720p"],
  [720, 576, "576p"],
  [640, 272, "272p"],
  [1080, 1920, "1080p"],
])("%d × %d is called %s", (width_px, height_px, name) => {
  expect(fileFacts([aFile({ streams: [aStream({ width_px, height_px })] })], "en")).toContain(name);
});

test("what is not known is left out", () => {
  expect([...cardFacts({ year: null, length_ms: null }, []), ...fileFacts([], "en")]).toEqual([]);
  expect(fileFacts([aFile({ streams: [], size_bytes: 0 })], "en")).toEqual([]);
});

test("a stream says what it is", () => {
  expect(streamFacts(aStream({ width_px: 1920, height_px: 800, frame_rate: 23.976 }), "de")).toEqual(["H.264", "1920 × 800", "23,976 fps"]);
  expect(streamFacts(sound({ language: "ger", channel_count: 6, title: "Kommentar" }), "en")).toEqual(["AAC", "German", "5.1", "Kommentar"]);
});
