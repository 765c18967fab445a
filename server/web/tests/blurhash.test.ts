import { expect, test } from "vitest";

import { pixelsOf } from "../src/parts/blurhash";
import { srcsetOf } from "../src/parts/srcset";

test("a hash without waves is one colour", () => {
  const pixels = pixelsOf("00TSUA", 2, 1);
  expect([...(pixels ?? [])]).toEqual([255, 0, 0, 255, 255, 0, 0, 255].map((_, at) => (pixels ?? [])[at % 4] ?? -1));
});

test("waves make the sides differ", () => {
  const pixels = pixelsOf("LEHV6nWB2yk8pyo0adR*.7kCMdnj", 8, 8) ?? [];
  expect(pixels.length).toBe(256);
  expect(pixels[0]).not.toBe(pixels[28]);
});

test.each(["", "0", "LEHV6n", "00 SUA", "é".repeat(28)])("%j is no hash", (hash) => {
  expect(pixelsOf(hash, 4, 4)).toBeNull();
});

test("a browser may choose among widths", () => {
  expect(srcsetOf("/api/v1/images/x")).toContain("/api/v1/images/x?width=320 320w, ");
});
