/** The player's keys, for the whole window. */

import type { Stage } from "./stage.svelte";

/** Do what a key says; keys that belong to the focused control are left to it. */
export function pressed(event: KeyboardEvent, stage: Stage, onback: () => void): void {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const target = event.target instanceof HTMLElement ? event.target : null;
  if (event.key === " " && target instanceof HTMLButtonElement) return;
  if (event.key.startsWith("Arrow") && target?.dataset.arrows === "own") return;
  const action = ACTIONS[event.key];
  if (action === undefined) return;
  event.preventDefault();
  action(stage, onback);
}

const ACTIONS: Record<string, (stage: Stage, onback: () => void) => void> = {
  " ": (stage) => stage.toggle(),
  k: (stage) => stage.toggle(),
  ArrowLeft: (stage) => stage.skip(-1),
  ArrowRight: (stage) => stage.skip(1),
  ArrowUp: (stage) => stage.louder(1),
  ArrowDown: (stage) => stage.louder(-1),
  f: (stage) => stage.toggleFullscreen(),
  m: (stage) => stage.mute(),
  Escape: (_, onback) => onback(),
};
