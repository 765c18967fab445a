import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { Calm } from "../src/state/calm";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

test("hundreds of reasons within a second are one run, and one more for those that came later", async () => {
  const work = vi.fn(() => Promise.resolve());
  const calm = new Calm(work);
  for (let at_ms = 0; at_ms < 1000; at_ms += 5) {
    calm.ask();
    await vi.advanceTimersByTimeAsync(5);
  }
  expect(work).toHaveBeenCalledTimes(1);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(work).toHaveBeenCalledTimes(2);
});

test("a steady stream is one run a second", async () => {
  const work = vi.fn(() => Promise.resolve());
  const calm = new Calm(work);
  for (let at_ms = 0; at_ms < 10_000; at_ms += 100) {
    calm.ask();
    await vi.advanceTimersByTimeAsync(100);
  }
  expect(work.mock.calls.length).toBeLessThanOrEqual(10);
  expect(work.mock.calls.length).toBeGreaterThanOrEqual(9);
});

test("slow work is never done twice at once", async () => {
  let running = 0;
  let most = 0;
  const calm = new Calm(async () => {
    most = Math.max(most, (running += 1));
    await new Promise((resolve) => setTimeout(resolve, 5000));
    running -= 1;
  });
  for (let at_ms = 0; at_ms < 20_000; at_ms += 500) {
    calm.ask();
    await vi.advanceTimersByTimeAsync(500);
  }
  expect(most).toBe(1);
});

test("what is asked for out of sight waits", async () => {
  const work = vi.fn(() => Promise.resolve());
  let is_in_sight = false;
  const calm = new Calm(work, () => is_in_sight);
  calm.ask();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(work).not.toHaveBeenCalled();
  is_in_sight = true;
  calm.wake();
  calm.wake();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(work).toHaveBeenCalledTimes(1);
});

test("what was stopped does not run", async () => {
  const work = vi.fn(() => Promise.resolve());
  const calm = new Calm(work);
  calm.ask();
  calm.stop();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(work).not.toHaveBeenCalled();
});
