import { expect, test } from "vitest";

import { latest, resumeAtMs } from "../../src/player/resume";

const at = (fraction: number, is_done = false) => ({ position_ms: fraction * 100_000, fraction, is_done, last_at: "2026-01-01T00:00:00Z" });

test.each([
  [0, null],
  [0.04, null],
  [0.05, 5_000],
  [0.5, 50_000],
  [0.9, 90_000],
  [0.91, null],
  [1, null],
])("left at %d of the film, it goes on at %s ms", (fraction, position_ms) => {
  expect(resumeAtMs(at(fraction))).toBe(position_ms);
});

test("a film watched once and begun again goes on too", () => {
  expect(resumeAtMs(at(0.4, true))).toBe(40_000);
});

test("a film never begun starts at the beginning", () => {
  expect(resumeAtMs(null)).toBeNull();
  expect(resumeAtMs(undefined)).toBeNull();
});

test("of two reports the newer one counts", () => {
  const older = { ...at(0.2), last_at: "2026-01-01T00:00:00Z" };
  const newer = { ...at(0.4), last_at: "2026-01-01T00:00:10.5Z" };
  expect(latest(older, newer)).toBe(newer);
  expect(latest(newer, older)).toBe(newer);
  expect(latest(null, older)).toBe(older);
  expect(latest(older, undefined)).toBe(older);
  expect(latest(null, undefined)).toBeNull();
});
