import { expect, test, vi } from "vitest";

import { extraNote, marksOf, refusal, subtitleFacts, subtitleName, versionWords } from "../../../src/kinds/movie/words";
import { aFile, aStream, aVersion } from "./files";

vi.hoisted(() => vi.stubGlobal("localStorage", { getItem: () => "en" }));

test.each([
  [{}, []],
  [{ label: "2160p" }, ["2160p"]],
  [{ label: "Heat {edition-IMAX} - 1080p", edition: "IMAX" }, ["IMAX"]],
  [{ label: "3D.HSBS", format_3d: "hsbs" }, ["3D, side by side"]],
  [{ format_3d: "htab", edition: "IMAX" }, ["IMAX", "3D, one above the other"]],
  [{ disc: "dvd" }, ["DVD"]],
  [{ disc: "laserdisc" }, ["Disc"]],
])("what sets %j apart", (given, marks) => {
  expect(marksOf(aVersion(given))).toEqual(marks);
});

test("a version without a name goes by its picture, and says it once", () => {
  const files = [aFile({ streams: [aStream({ width_px: 1920, height_px: 1080 })] })];
  expect(versionWords(aVersion({ files }))).toEqual({ name: "1080p", facts: ["H.264", "1.4 GB"] });
  expect(versionWords(aVersion({ label: "1080p", files }))).toEqual({ name: "1080p", facts: ["H.264", "1.4 GB"] });
  expect(versionWords(aVersion({ files: [...files, ...files] })).facts).toEqual(["H.264", "2.9 GB", "2 parts"]);
  expect(versionWords(aVersion({ files: [aFile({ streams: [], size_bytes: 0 })] }))).toEqual({ name: "Film", facts: [] });
});

test("a disc in a cupboard is on the shelf and does not play", () => {
  const stub = aVersion({ is_stub: true, disc: "bluray", files: [aFile({ streams: [], size_bytes: 0 })] });
  expect(versionWords(stub)).toEqual({ name: "Blu-ray", facts: ["On the shelf"] });
  expect(refusal(stub)).toContain("Blu-ray");
});

test("why a version does not play", () => {
  expect(refusal(null)).toContain("no file");
  expect(refusal(aVersion())).toBeNull();
  const error = { code: "media.damaged", detail: "Damaged." };
  expect(refusal(aVersion({ files: [aFile(), aFile({ error })] }))).toBe("Damaged.");
});

test("extras say what they are", () => {
  const extra = { item_id: "x", kind: "deleted_scene", title: "T", length_ms: 125_000, image_url: null, blurhash: null, progress: null, files: [] };
  expect(extraNote(extra)).toBe("Deleted scene · 2 min");
  expect(extraNote({ ...extra, kind: "outtake", length_ms: null })).toBe("Extra");
});

test("subtitles say their language and what is odd about them", () => {
  const subtitle = {
    file_id: "s",
    stream_index: 0,
    is_external: true,
    of_file_id: null,
    format: "ass",
    language: "ger",
    title: "Signs",
    is_default: true,
    is_forced: true,
    is_hearing_impaired: false,
  };
  expect([subtitleName(subtitle), subtitleFacts(subtitle).join(" · ")]).toEqual(["German", "Signs · forced · default · ASS · beside the film"]);
  const nameless = { ...subtitle, language: null, is_default: false, is_forced: false, is_external: false };
  expect([subtitleName(nameless), subtitleFacts(nameless).join(" · ")]).toEqual(["Signs", "ASS · inside the film"]);
  expect(subtitleName({ ...nameless, title: null })).toBe("Unknown language");
  expect(subtitleName({ ...subtitle, language: "tlh-unknown-tag-that-is-none" })).toBe("tlh-unknown-tag-that-is-none");
});
