import { expect, test } from "vitest";

import { carried, NO_SUBTITLE, NO_WISH, withoutWay } from "../../src/player/wish";
import { aFile, aStream, sound } from "../kinds/movie/files";

const bilingual = aFile({ streams: [aStream(), sound({ index: 1, language: "eng" }), sound({ index: 2, language: "ger" })] });

test("a part that is built alike keeps what was chosen, and may try everything again", () => {
  const wish = { audio_index: 2, subtitle_index: 4, max_height_px: 720, failed: ["direct_play" as const] };
  expect(carried(wish, bilingual, { ...bilingual, file_id: "f2" })).toEqual({ ...wish, failed: [] });
});

test("another kind of file keeps the quality, and no subtitles", () => {
  const wish = { ...NO_WISH, audio_index: 2, subtitle_index: 4, max_height_px: 720 };
  expect(carried(wish, bilingual, aFile())).toEqual({ ...NO_WISH, max_height_px: 720 });
  expect(carried({ ...wish, subtitle_index: NO_SUBTITLE }, bilingual, aFile()).subtitle_index).toBe(NO_SUBTITLE);
});

test("a way that failed is not tried again, and the last one ends it", () => {
  expect(withoutWay([], "direct_play")).toEqual(["direct_play"]);
  expect(withoutWay(["direct_play"], "remux")).toEqual(["direct_play", "remux"]);
  expect(withoutWay(["direct_play", "remux"], "remux")).toBeNull();
  expect(withoutWay([], "transcode")).toBeNull();
});
