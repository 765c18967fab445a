import { expect, test } from "vitest";

import { channelsText, nameOf } from "../../src/player/codecs";

test.each([
  ["h264", "H.264"],
  ["pcm_s16le", "PCM"],
  ["unheard", "UNHEARD"],
])("%s is called %s", (codec, name) => {
  expect(nameOf(codec)).toBe(name);
});

test.each([
  [1, "1.0"],
  [6, "5.1"],
  [4, "4.0"],
  [0, null],
  [null, null],
])("%s channels are %s", (count, text) => {
  expect(channelsText(count)).toBe(text);
});
