import { expect, test } from "vitest";

import { needed, segmentsOf } from "../../src/player/subtitle_playlist";

const BASE = "http://films.test/api/v1/stream/TICKET/s3/index.m3u8";
const PLAYLIST = "#EXTM3U\r\n#EXT-X-TARGETDURATION:60\r\n#EXTINF:60.0,\r\n0.vtt\r\n#EXTINF:30.5,\r\n1.vtt\r\n#EXT-X-ENDLIST\r\n";

test("segments follow each other and lie beside their playlist", () => {
  expect(segmentsOf(PLAYLIST, BASE)).toEqual([
    { start_s: 0, end_s: 60, url: "http://films.test/api/v1/stream/TICKET/s3/0.vtt" },
    { start_s: 60, end_s: 90.5, url: "http://films.test/api/v1/stream/TICKET/s3/1.vtt" },
  ]);
});

test.each(["", "#EXTM3U\n#EXT-X-ENDLIST", "#EXTINF:nonsense,\n"])("a playlist without segments has none: %j", (playlist) => {
  expect(segmentsOf(playlist, BASE)).toEqual([]);
});

test.each([
  [0, [0, 60]],
  [59.9, [0, 60]],
  [60, [60]],
  [500, []],
])("at %s s the segment of the time and the next are needed", (time_s, starts_s) => {
  expect(needed(segmentsOf(PLAYLIST, BASE), time_s).map(({ start_s }) => start_s)).toEqual(starts_s);
});
