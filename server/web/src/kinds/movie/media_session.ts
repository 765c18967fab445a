/** Title, picture and keys for the system's media controls. */

import type { Movie } from "../../api/types";
import type { Stage } from "./stage.svelte";

export function describeSession(film: Movie, stage: Stage): void {
  if (!("mediaSession" in navigator)) return;
  const artwork = film.image_url === null ? [] : [{ src: film.image_url, type: "image/webp" }];
  navigator.mediaSession.metadata = new MediaMetadata({ title: film.title, artwork });
  navigator.mediaSession.setActionHandler("play", () => stage.play());
  navigator.mediaSession.setActionHandler("pause", () => stage.pause());
  navigator.mediaSession.setActionHandler("seekbackward", () => stage.skip(-1));
  navigator.mediaSession.setActionHandler("seekforward", () => stage.skip(1));
}
