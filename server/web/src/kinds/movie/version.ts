/** The versions of a film, and which one to play. Pure. */

import type { MediaFile, Movie, Version } from "../../api/types";
import { verdict, type CanPlayType, type Verdict } from "./can_play";

/** A version has no name of its own: it goes by the file that begins it. */
export function keyOf(version: Version): string {
  return version.files[0]?.file_id ?? "";
}

/** The parts together: what the worst of them says. */
export function judged(files: readonly MediaFile[], canPlayType: CanPlayType): Verdict {
  const verdicts = new Set(files.map((file) => verdict(file, canPlayType)));
  return (["converted", "may"] as const).find((one) => verdicts.has(one)) ?? "plays";
}

/** The one that was asked for, else the first that plays as it is; one of another edition only where no other does. */
export function chosenVersion(versions: readonly Version[], key: string | null, canPlayType: CanPlayType): Version | null {
  const asked = versions.find((version) => keyOf(version) === key);
  if (asked !== undefined) return asked;
  const here = versions.filter(({ is_stub }) => !is_stub);
  const sound = here.filter(({ files }) => files.every(({ error }) => error === null));
  const alike = sound.filter(({ edition, format_3d }) => edition === sound[0]?.edition && format_3d === sound[0]?.format_3d);
  const first = (some: Version[], can: Verdict) => some.find(({ files }) => judged(files, canPlayType) === can);
  const best = first(alike, "plays") ?? first(alike, "may") ?? first(sound, "plays") ?? first(sound, "may");
  return best ?? sound[0] ?? here[0] ?? versions[0] ?? null;
}

/** What the player shows: a film in one of its versions, or something that comes with it. */
export interface Shown {
  item_id: string;
  title: string;
  image_url: string | null;
  progress: Movie["progress"];
  version: Version | null;
}

/** The address says which: `?version=FILE`, `?extra=ITEM`. */
export function shownBy(film: Movie, query: URLSearchParams, canPlayType: CanPlayType): Shown {
  const extra_id = query.get("extra");
  if (extra_id === null) return { ...film, version: chosenVersion(film.versions, query.get("version"), canPlayType) };
  const extra = film.extras.find(({ item_id }) => item_id === extra_id);
  if (extra === undefined) return { ...film, version: null };
  const version = { label: "", edition: null, format_3d: null, disc: null, is_stub: false, files: extra.files };
  return { ...extra, version: extra.files.length > 0 ? version : null };
}

/** The length of all parts; null where one is not known. */
export function lengthMs(files: readonly MediaFile[]): number | null {
  return files.reduce<number | null>((sum, { length_ms }) => (sum === null || length_ms === null ? null : sum + length_ms), 0);
}

export function sizeBytes(files: readonly MediaFile[]): number {
  return files.reduce((sum, { size_bytes }) => sum + size_bytes, 0);
}
