import { expect, test } from "vitest";

import { factsOf, streamFacts } from "../../../src/kinds/movie/facts";
import { aFile, aStream, sound } from "./files";

const card = { item_id: "1", kind: "movie", title: "Alien", year: 1979, image_url: null, blurhash: null, length_ms: 8_040_000, added_at: "2026-01-01T00:00:00Z" };

test("the facts of a film stand in one line", () => {
  const file = aFile({ streams: [aStream({ width_px: 1920, height_px: 1080 })] });
  expect(factsOf(card, file, "en")).toEqual(["1979", "2 h 14 min", "1080p", "H.264", "1.4 GB"]);
});

test.each([
  [1920, 800, "1080p"],
  [3840, 1600, "4K"],
  [1280, 720, "720p"],
  [720, 576, "576p"],
  [640, 272, "272p"],
  [1080, 1920, "1080p"],
])("%d × %d is called %s", (width_px, height_px, name) => {
  expect(factsOf(card, aFile({ streams: [aStream({ width_px, height_px })] }), "en")).toContain(name);
});

test("what is not known is left out", () => {
  expect(factsOf({ ...card, year: null, length_ms: null }, null, "en")).toEqual([]);
});

test("a stream says what it is", () => {
  expect(streamFacts(aStream({ width_px: 1920, height_px: 800, frame_rate: 23.976 }), "de")).toEqual(["H.264", "1920 × 800", "23,976 fps"]);
  expect(streamFacts(sound({ language: "ger", channel_count: 6, title: "Kommentar" }), "en")).toEqual(["AAC", "German", "5.1", "Kommentar"]);
});
