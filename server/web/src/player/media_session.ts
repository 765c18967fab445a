/** Title, picture, place and keys for the system's media controls. */

import type { Stage } from "./stage.svelte";

/** What the system is told of a film. */
export interface Described {
  title: string;
  image_url: string | null;
}

export function describeSession({ title, image_url }: Described, stage: Stage, turnChapter: (direction: 1 | -1) => void): () => void {
  if (!("mediaSession" in navigator)) return () => {};
  const { mediaSession } = navigator;
  const artwork = image_url === null ? [] : [{ src: image_url, type: "image/webp" }];
  mediaSession.metadata = new MediaMetadata({ title, artwork });
  const handlers: Partial<Record<MediaSessionAction, MediaSessionActionHandler>> = {
    play: () => stage.play(),
    pause: () => stage.pause(),
    seekbackward: () => stage.skip(-1),
    seekforward: () => stage.skip(1),
    seekto: ({ seekTime }) => seekTime !== undefined && stage.seek(seekTime * 1000),
    previoustrack: () => turnChapter(-1),
    nexttrack: () => turnChapter(1),
  };
  const actions = Object.keys(handlers) as MediaSessionAction[];
  for (const action of actions) handle(action, handlers[action] ?? null);
  return () => {
    mediaSession.metadata = null;
    for (const action of actions) handle(action, null);
  };
}

/** Where the film is; the system moves on from there by itself. */
export function placeSession({ position_ms, length_ms, speed, is_playing }: Stage): void {
  if (!("mediaSession" in navigator) || length_ms <= 0) return;
  navigator.mediaSession.playbackState = is_playing ? "playing" : "paused";
  navigator.mediaSession.setPositionState?.({
    duration: length_ms / 1000,
    position: Math.min(position_ms, length_ms) / 1000,
    playbackRate: speed,
  });
}

/** Browsers throw at actions that they do not know. */
function handle(action: MediaSessionAction, handler: MediaSessionActionHandler | null): void {
  try {
    navigator.mediaSession.setActionHandler(action, handler);
  } catch {
    // Then the system has no key for it.
  }
}
