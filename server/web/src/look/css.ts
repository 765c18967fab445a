/** Turns the tokens into CSS variables: `--text`, `--size-16`, `--radius-card`, `--fast` and so on. */

import type tokensFile from "./tokens.json";

export type Tokens = typeof tokensFile;

const ROOT_PX = 16;

/** The style sheet of the tokens: dark unless an element says `data-theme="light"`. */
export function tokensCss(tokens: Tokens): string {
  const dark = block(':root, [data-theme="dark"]', ["color-scheme: dark", ...colours(tokens.colour.dark)]);
  const light = block('[data-theme="light"]', ["color-scheme: light", ...colours(tokens.colour.light)]);
  return [block(":root", measures(tokens)), dark, light].join("\n");
}

function measures(tokens: Tokens): string[] {
  return [
    `--family: "${tokens.type.family}", system-ui, sans-serif`,
    `--leading: ${tokens.type.line_height}`,
    `--title-leading: ${tokens.type.title_line_height}`,
    `--space: ${rem(tokens.space_px)}`,
    `--focus-width: ${tokens.focus_px.width}px`,
    `--focus-offset: ${tokens.focus_px.offset}px`,
    ...tokens.type.sizes_px.map((px) => `--size-${px}: ${rem(px)}`),
    ...Object.entries(tokens.radius_px).map(([name, px]) => `--radius-${name}: ${rem(px)}`),
    ...Object.entries(tokens.motion_ms).map(([name, ms]) => `--${name}: ${ms}ms`),
  ];
}

function colours(palette: Tokens["colour"]["dark"]): string[] {
  return Object.entries(palette).map(([role, value]) => `--${role.replace("_", "-")}: ${value}`);
}

/** Lengths are rem, so that the reader's font size and a screen three metres away scale everything alike. */
function rem(px: number): string {
  return `${px / ROOT_PX}rem`;
}

function block(selector: string, lines: string[]): string {
  return `${selector} {\n  ${lines.join(";\n  ")};\n}`;
}
