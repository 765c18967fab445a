import { expect, test } from "vitest";

import type { Scan } from "../src/api/types";
import { hintOf } from "../src/parts/password";
import { fractionOf, leftMs } from "../src/parts/scan";

const started_at = "2026-01-01T00:00:00Z";
const aScan = (given: Partial<Scan>): Scan => ({
  scan_id: "s",
  state: "running",
  phase: "probe",
  found_count: 100,
  done_count: 25,
  error_count: 0,
  started_at,
  ended_at: null,
  error: null,
  ...given,
});
const after = (seconds: number) => Date.parse(started_at) + seconds * 1000;

test("a scan knows its end once the files are counted", () => {
  expect(fractionOf(aScan({ phase: "walk" }))).toBeNull();
  expect(fractionOf(aScan({ found_count: 0 }))).toBeNull();
  expect(fractionOf(aScan({}))).toBe(0.25);
});

test("the time left follows the speed so far, and is not guessed at first", () => {
  expect(leftMs(aScan({}), after(2))).toBeNull();
  expect(leftMs(aScan({}), after(60))).toBe(180_000);
  expect(leftMs(aScan({ done_count: 100 }), after(60))).toBeNull();
});

test.each([
  ["", "password.hint.short"],
  ["1234567", "password.hint.short"],
  ["🐙🐙🐙🐙🐙🐙🐙", "password.hint.short"],
  ["12345678", "password.hint.fair"],
  ["aaaaaaaaaaaaaaaa", "password.hint.fair"],
  ["four little boats", "password.hint.good"],
])("the password %j gets the hint %s", (password, hint) => {
  expect(hintOf(password)).toBe(hint);
});
