import { expect, test } from "vitest";

import { wantedBy } from "../../src/player/keys";

const press = (key: string, held = {}) => wantedBy({ key, ctrlKey: false, metaKey: false, altKey: false, ...held });

test.each([
  [" ", { act: "toggle" }],
  ["K", { act: "toggle" }],
  ["ArrowLeft", { act: "back" }],
  ["<", { act: "slower" }],
  ["?", { act: "keys" }],
  ["0", { tenth: 0 }],
  ["9", { tenth: 9 }],
  ["Shift", null],
  ["constructor", null],
])("%s means %j", (key, wanted) => {
  expect(press(key)).toEqual(wanted);
});

test("what is held with Ctrl, Alt or the system's key belongs to the browser", () => {
  expect(press("f", { ctrlKey: true })).toBeNull();
  expect(press("1", { altKey: true })).toBeNull();
  expect(press("k", { metaKey: true })).toBeNull();
});
