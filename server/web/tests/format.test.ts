import { expect, test } from "vitest";

import { clock, languageName, lengthText, sizeText, spanText } from "../src/i18n/format";

test.each([
  [0, "0:00"],
  [59_999, "0:59"],
  [2_590_000, "43:10"],
  [3_723_000, "1:02:03"],
  [-5, "0:00"],
])("%d ms on a clock is %s", (length_ms, text) => {
  expect(clock(length_ms)).toBe(text);
});

test.each([
  [5_000, "5 s"],
  [59_600, "1 min"],
  [8_040_000, "2 h 14 min"],
  [7_200_000, "2 h"],
])("%d ms last %s", (length_ms, text) => {
  expect(lengthText(length_ms)).toBe(text);
});

test.each([
  [-5, "en", "0 seconds"],
  [59_999, "en", "59 seconds"],
  [60_000, "en", "1 minute"],
  [7_199_000, "de", "1 Stunde"],
  [300_000_000, "de", "3 Tage"],
])("%d ms in %s are %s", (length_ms, language, text) => {
  expect(spanText(length_ms, language)).toBe(text);
});

test.each([
  [0, "en", "0 byte"],
  [999, "en", "999 byte"],
  [1_440_000_000, "en", "1.4 GB"],
  [1_440_000_000, "de", "1,4\u00a0GB"],
  [23_400_000_000, "en", "23 GB"],
])("%d bytes in %s are %s", (size_bytes, language, text) => {
  expect(sizeText(size_bytes, language)).toBe(text);
});

test("languages of streams have names, unless nobody knows the tag", () => {
  expect(languageName("ger", "en")).toBe("German");
  expect(languageName("eng", "de")).toBe("Englisch");
  expect(languageName("not a tag", "en")).toBeNull();
});
