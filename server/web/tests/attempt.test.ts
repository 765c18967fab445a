import { expect, test } from "vitest";

import { Attempt } from "../src/state/attempt.svelte";

test("an attempt is busy until its work is done", async () => {
  const attempt = new Attempt();
  const done = attempt.run(() => Promise.resolve());
  expect(attempt.is_busy).toBe(true);
  await done;
  expect(attempt.is_busy).toBe(false);
});

test("what went wrong stays until the next try", async () => {
  const attempt = new Attempt();
  const fault = new Error("no");
  await attempt.run(() => Promise.reject(fault));
  expect([attempt.failure, attempt.is_busy]).toEqual([fault, false]);
  const again = attempt.run(() => Promise.resolve());
  expect(attempt.failure).toBeNull();
  await again;
});
