import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { Refreshing } from "../src/state/refreshing.svelte";

const page = { visibilityState: "visible" };

beforeEach(() => {
  vi.useFakeTimers();
  page.visibilityState = "visible";
  vi.stubGlobal("document", page);
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test("it is asked for again and again until it is stopped", async () => {
  let count = 0;
  const made = new Refreshing(() => Promise.resolve((count += 1)), () => 1000);
  await made.reload();
  await vi.advanceTimersByTimeAsync(2000);
  expect(made.now).toBe(3);
  made.stop();
  await vi.advanceTimersByTimeAsync(5000);
  expect(count).toBe(3);
});

test("in a window that nobody sees it waits, and goes on at once when somebody does", async () => {
  let count = 0;
  const made = new Refreshing(() => Promise.resolve((count += 1)), () => 1000);
  await made.reload();
  made.wake();
  page.visibilityState = "hidden";
  await vi.advanceTimersByTimeAsync(60_000);
  expect(count).toBe(1);
  page.visibilityState = "visible";
  made.wake();
  await vi.advanceTimersByTimeAsync(0);
  expect(count).toBe(2);
  made.stop();
});

test("what failed keeps the last answer, says so and is tried again", async () => {
  let is_broken = false;
  const made = new Refreshing(() => (is_broken ? Promise.reject(new Error("no")) : Promise.resolve("yes")), () => 1000);
  await made.reload();
  is_broken = true;
  await vi.advanceTimersByTimeAsync(1000);
  expect([made.now, made.failure instanceof Error]).toEqual(["yes", true]);
  is_broken = false;
  await vi.advanceTimersByTimeAsync(1000);
  expect([made.now, made.failure]).toEqual(["yes", null]);
  made.stop();
});

test("an answer that comes after the stop is not taken", async () => {
  let answer: (value: number) => void = () => undefined;
  const made = new Refreshing(() => new Promise<number>((resolve) => (answer = resolve)), () => 1000);
  const asked = made.reload();
  made.stop();
  answer(1);
  await asked;
  expect(made.now).toBeNull();
});
