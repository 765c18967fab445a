import { expect, test } from "vitest";

import { subtitlesOf } from "../../../src/kinds/movie/subtitles";
import { chosenVersion, judged, lengthMs, shownBy } from "../../../src/kinds/movie/version";
import { aFile, aFilm, aStream, aVersion, chromium, dts, hevc } from "./files";

const remux = aVersion({ files: [aFile({ file_id: "remux", container: "matroska", streams: [hevc, dts] })] });
const attempt = aVersion({ files: [aFile({ file_id: "attempt", container: "matroska" })] });
const plain = aVersion({ files: [aFile({ file_id: "plain" })] });
const broken = aVersion({ files: [aFile({ file_id: "broken", error: { code: "media.damaged", detail: "Damaged." } })] });
const stub = aVersion({ is_stub: true, disc: "bluray", files: [aFile({ file_id: "stub", is_stub: true, streams: [] })] });

test.each([
  [[stub, broken, remux, attempt, plain], "plain"],
  [[stub, broken, remux, attempt], "attempt"],
  [[stub, broken, remux], "remux"],
  [[stub, broken], "broken"],
  [[stub], "stub"],
])("of several versions the one that plays as it is is taken", (versions, file_id) => {
  expect(chosenVersion(versions, null, chromium)?.files[0]?.file_id).toBe(file_id);
});

test("another edition is taken only where no other plays", () => {
  const cut = aVersion({ edition: "Director's Cut", files: [aFile({ file_id: "cut" })] });
  expect(chosenVersion([attempt, cut], null, chromium)).toBe(attempt);
  expect(chosenVersion([remux, cut], null, chromium)).toBe(cut);
  expect(chosenVersion([remux, { ...cut, files: attempt.files }], null, chromium)?.edition).toBe("Director's Cut");
});

test("the version that is asked for is taken, as long as it is there", () => {
  expect(chosenVersion([plain, remux], "remux", chromium)).toBe(remux);
  expect(chosenVersion([plain, remux], "gone", chromium)).toBe(plain);
  expect(chosenVersion([], "gone", chromium)).toBeNull();
});

test("a version plays when all of its parts do", () => {
  const parts = [aFile(), aFile({ container: "matroska" })];
  expect(judged(parts, chromium)).toBe("may");
  expect(judged([...parts, aFile({ streams: [hevc] })], chromium)).toBe("converted");
});

test("the address says what is played", () => {
  const extra = { item_id: "x1", kind: "trailer", title: "Teaser", length_ms: 1, image_url: null, blurhash: null, progress: null, files: [aFile({ file_id: "teaser" })] };
  const film = aFilm({ versions: [plain, remux], extras: [extra] });
  const played = (query: string) => shownBy(film, new URLSearchParams(query), chromium);
  expect([played("").item_id, played("").version]).toEqual(["m1", plain]);
  expect(played("version=remux").version).toBe(remux);
  expect([played("extra=x1").item_id, played("extra=x1").title, played("extra=x1").version?.files[0]?.file_id]).toEqual(["x1", "Teaser", "teaser"]);
  expect(played("extra=gone").version).toBeNull();
});

test("a version is as long as its parts, if that is known", () => {
  expect(lengthMs([aFile({ length_ms: 1 }), aFile({ length_ms: 2 })])).toBe(3);
  expect(lengthMs([aFile({ length_ms: 1 }), aFile({ length_ms: null })])).toBeNull();
});

const aSubtitle = (given: object) => ({
  file_id: "s",
  stream_index: 0,
  is_external: false,
  of_file_id: null,
  format: "subrip",
  language: "ger",
  title: null,
  is_default: false,
  is_forced: false,
  is_hearing_impaired: false,
  ...given,
});

test("subtitles are those of the film and of the version's files, each kind once", () => {
  const version = aVersion({ files: [aFile({ file_id: "a" }), aFile({ file_id: "b" })] });
  const subtitles = [
    aSubtitle({ file_id: "a", of_file_id: "a", stream_index: 2 }),
    aSubtitle({ file_id: "b", of_file_id: "b", stream_index: 3 }),
    aSubtitle({ file_id: "a", of_file_id: "a", is_forced: true }),
    aSubtitle({ is_external: true, language: "eng" }),
    aSubtitle({ file_id: "other", of_file_id: "other", language: "fre" }),
  ];
  expect(subtitlesOf(subtitles, version).map(({ language, is_forced }) => [language, is_forced])).toEqual([
    ["ger", false],
    ["ger", true],
    ["eng", false],
  ]);
});

test("a stream of subtitles in the file plays no part", () => {
  const file = aFile({ streams: [aStream(), aStream({ kind: "subtitle", codec: "ass", codecs: null })] });
  expect(judged([file], chromium)).toBe("plays");
});
