/** The player's keys, for the whole window. */

import type { Key } from "../i18n/index.svelte";

export type Act =
  | "toggle"
  | "back"
  | "forth"
  | "louder"
  | "softer"
  | "mute"
  | "fullscreen"
  | "subtitles"
  | "slower"
  | "faster"
  | "chapter_back"
  | "chapter_forth"
  | "statistics"
  | "keys"
  | "controls"
  | "leave";

/** What a key asks for: an act, or a tenth of the film to go to. */
export type Wanted = { act: Act } | { tenth: number } | null;

const ACTS = new Map<string, Act>(Object.entries({
  " ": "toggle",
  k: "toggle",
  ArrowLeft: "back",
  j: "back",
  ArrowRight: "forth",
  l: "forth",
  ArrowUp: "louder",
  ArrowDown: "softer",
  m: "mute",
  f: "fullscreen",
  c: "subtitles",
  "<": "slower",
  ">": "faster",
  p: "chapter_back",
  n: "chapter_forth",
  i: "statistics",
  "?": "keys",
  Enter: "controls",
  Escape: "leave",
} as const));

/** What is told of the keys; `keys` as they stand on a keyboard. */
export const KEYS: { keys: string[]; text: Key }[] = [
  { keys: ["␣", "K"], text: "keys.toggle" },
  { keys: ["←", "→", "J", "L"], text: "keys.skip" },
  { keys: ["0", "…", "9"], text: "keys.tenth" },
  { keys: ["P", "N"], text: "keys.chapter" },
  { keys: ["↑", "↓"], text: "keys.volume" },
  { keys: ["M"], text: "keys.mute" },
  { keys: ["C"], text: "keys.subtitles" },
  { keys: ["<", ">"], text: "keys.speed" },
  { keys: ["F"], text: "keys.fullscreen" },
  { keys: ["I"], text: "keys.statistics" },
  { keys: ["⏎"], text: "keys.controls" },
  { keys: ["Esc"], text: "keys.leave" },
];

/** With Caps Lock the letters are the same. */
export function wantedBy({ key, ctrlKey, metaKey, altKey }: Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "altKey">): Wanted {
  if (ctrlKey || metaKey || altKey) return null;
  if (/^\d$/.test(key)) return { tenth: Number(key) };
  const act = ACTS.get(key) ?? ACTS.get(key.toLowerCase());
  return act === undefined ? null : { act };
}
