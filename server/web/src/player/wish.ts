/** What a viewer chose for the rest of a film, and what is left of it in its next part. Pure. */

import type { MediaFile, Method, PlayRequest } from "../api/types";

export type Wish = Pick<PlayRequest, "audio_index" | "subtitle_index" | "max_height_px" | "failed">;

export const NO_SUBTITLE = -1;
export const NO_WISH: Wish = { audio_index: null, subtitle_index: null, max_height_px: null, failed: [] };

/** Sound and subtitles go by their numbers, which mean the same only in a file that is built alike. */
export function carried(wish: Wish, from: MediaFile, to: MediaFile): Wish {
  const { subtitle_index, max_height_px } = wish;
  if (likeness(from) === likeness(to)) return { ...wish, failed: [] };
  return { ...NO_WISH, max_height_px, subtitle_index: subtitle_index === NO_SUBTITLE ? NO_SUBTITLE : null };
}

/** The ways that are left to try after one failed; null when there is none. */
export function withoutWay(failed: Wish["failed"], method: Method): Wish["failed"] | null {
  if (method !== "direct_play" && method !== "remux") return null;
  return failed.includes(method) ? null : [...failed, method];
}

function likeness({ streams }: MediaFile): string {
  return streams.map(({ index, kind, language }) => `${index} ${kind} ${language}`).join();
}
