import { describe, expect, test } from "vitest";

import { tokensCss } from "../src/look/css";
import tokens from "../src/look/tokens.json";

type Role = keyof typeof tokens.colour.dark;

const GROUNDS: Role[] = ["ground", "surface", "raised"];
const SIGNS: Role[] = ["faint", "accent", "info", "good", "warn", "bad", "focus"];

/** Every pair of colours that the pages put on each other, with the contrast it needs. */
const PAIRS: [front: Role, back: Role, least: number][] = [
  ...GROUNDS.flatMap((ground): [Role, Role, number][] => [
    ["text", ground, 7],
    ["muted", ground, 7],
    ...SIGNS.map((sign): [Role, Role, number] => [sign, ground, 4.5]),
  ]),
  ["on_accent", "accent", 4.5],
  ["text", "line", 4.5],
];

describe.each(["dark", "light"] as const)("%s", (theme) => {
  test.each(PAIRS)("%s on %s is readable", (front, back, least) => {
    const palette = tokens.colour[theme];
    expect(contrast(palette[front], palette[back])).toBeGreaterThanOrEqual(least);
  });
});

test("both themes name the same roles", () => {
  expect(Object.keys(tokens.colour.light)).toEqual(Object.keys(tokens.colour.dark));
});

test("every token becomes a variable", () => {
  const css = tokensCss(tokens);
  expect(css).toContain("--on-accent: #14100A;");
  expect(css).toContain("--size-39: 2.4375rem;");
  expect(css).toContain("--radius-card: 0.625rem;");
  expect(css).toContain("color-scheme: light;");
});

test("no style uses a variable that does not exist, nor a colour of its own beside black and white", () => {
  const sources = import.meta.glob<string>(["../src/**/*.svelte", "../src/look/*.css"], { query: "?raw", import: "default", eager: true });
  const own = new Set(["--page-edge", "--stage", "--played", "--buffered"]);
  const known = new Set([...tokensCss(tokens).matchAll(/(--[\w-]+):/g)].map(([, name]) => name));
  for (const [file, source] of Object.entries(sources)) {
    const used = [...source.matchAll(/var\((--[\w-]+)\)/g)].map(([, name]) => name ?? "");
    expect(used.filter((name) => !known.has(name) && !own.has(name)), file).toEqual([]);
    expect(source.match(/#[0-9a-f]{6}\b|#(?!000\b)[0-9a-f]{3}\b(?=[;,\s)])/gi) ?? [], file).toEqual([]);
  }
});

/** WCAG 2.2, relative luminance and contrast ratio. */
function contrast(front: string, back: string): number {
  const [bright = 0, dim = 0] = [luminance(front), luminance(back)].sort((a, b) => b - a);
  return (bright + 0.05) / (dim + 0.05);
}

function luminance(hex: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => linear(Number.parseInt(hex.slice(at, at + 2), 16) / 255));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function linear(channel: number): number {
  return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
}
