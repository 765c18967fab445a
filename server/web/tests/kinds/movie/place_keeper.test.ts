import { expect, test } from "vitest";

import { PlaceKeeper } from "../../../src/kinds/movie/place_keeper";

function aKeeper(save = async () => {}) {
  const clock = { now_ms: 0 };
  const saved: [number, boolean][] = [];
  const keeper = new PlaceKeeper(
    async (position_ms, { last }) => {
      saved.push([position_ms, last]);
      await save();
    },
    () => clock.now_ms,
  );
  return { keeper, clock, saved };
}

test("a running film is saved every ten seconds", () => {
  const { keeper, clock, saved } = aKeeper();
  for (let second = 0; second <= 25; second += 1) {
    clock.now_ms = second * 1000;
    keeper.running(second * 1000);
  }
  expect(saved).toEqual([
    [10_000, false],
    [20_000, false],
  ]);
});

test("a pause is saved at once, and only once per position", () => {
  const { keeper, saved } = aKeeper();
  keeper.keep(1234.6);
  keeper.keep(1234.6);
  keeper.leave(1235);
  keeper.leave(2000);
  expect(saved).toEqual([
    [1235, false],
    [2000, true],
  ]);
});

test("a save that failed is tried again at the next occasion", async () => {
  const { keeper, saved } = aKeeper(() => Promise.reject(new Error("offline")));
  keeper.keep(5000);
  await new Promise((resolve) => setTimeout(resolve));
  keeper.keep(5000);
  expect(saved).toHaveLength(2);
});

test("no position is no save", () => {
  const { keeper, saved } = aKeeper();
  keeper.keep(Number.NaN);
  expect(saved).toEqual([]);
});
