/** Title, picture and keys for the system's media controls. */

import type { Stage } from "./stage.svelte";
import type { Feature } from "./version";

export function describeSession({ title, image_url }: Feature, stage: Stage): void {
  if (!("mediaSession" in navigator)) return;
  const artwork = image_url === null ? [] : [{ src: image_url, type: "image/webp" }];
  navigator.mediaSession.metadata = new MediaMetadata({ title, artwork });
  navigator.mediaSession.setActionHandler("play", () => stage.play());
  navigator.mediaSession.setActionHandler("pause", () => stage.pause());
  navigator.mediaSession.setActionHandler("seekbackward", () => stage.skip(-1));
  navigator.mediaSession.setActionHandler("seekforward", () => stage.skip(1));
}
