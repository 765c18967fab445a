/** What films, versions and extras are called, and why one does not play. */

import type { Extra, Subtitle, Version } from "../../api/types";
import { languageName, lengthText } from "../../i18n/format";
import { language, t, tCount, type Key } from "../../i18n/index.svelte";
import { nameOf } from "../../player/codecs";
import { fileFacts } from "./facts";

/** The sentence for a version that cannot be played anywhere, or null. */
export function refusal(version: Version | null): string | null {
  if (version === null) return t("film.no_file");
  if (version.is_stub) return t("film.on_shelf", { disc: discName(version.disc) });
  return version.files.find(({ error }) => error !== null)?.error?.detail ?? null;
}

/** What sets a version apart: edition, 3D, disc; else its label. Empty for a plain one. */
export function marksOf({ label, edition, format_3d, disc }: Version): string[] {
  const marks = [edition, format_3d && t(STEREO[format_3d] ?? "stereo.beside"), disc && discName(disc)];
  const known = marks.filter((mark) => mark !== null && mark !== "") as string[];
  return known.length > 0 || label === "" ? known : [label];
}

/** A version as it stands in a list: what it is called, and what else is worth knowing. */
export function versionWords(version: Version): { name: string; facts: string[] } {
  if (version.is_stub) return { name: discName(version.disc), facts: [t("version.on_shelf")] };
  const marks = marksOf(version);
  const facts = fileFacts(version.files, language.locale);
  const name = marks.join(" · ") || facts.shift() || t("version.plain");
  const parts = version.files.length > 1 ? [tCount("film.parts", version.files.length)] : [];
  return { name, facts: [...facts.filter((fact) => fact !== name), ...parts] };
}

/** `Trailer · 2 min`. */
export function extraNote({ kind, length_ms }: Extra): string {
  const name = t(EXTRAS[kind] ?? "extra.any");
  return length_ms === null ? name : `${name} · ${lengthText(length_ms)}`;
}

export function subtitleName(subtitle: Subtitle): string {
  if (subtitle.language === null) return subtitle.title ?? t("subtitle.unknown");
  return languageName(subtitle.language, language.current) ?? subtitle.language;
}

/** `Signs · forced · SubRip · beside the film`, as its parts. */
export function subtitleFacts({ language: tongue, title, is_forced, is_default, format, is_external }: Subtitle): string[] {
  return [
    tongue === null ? null : title,
    is_forced ? t("subtitle.forced") : null,
    is_default ? t("subtitle.default") : null,
    nameOf(format),
    is_external ? t("subtitle.beside") : t("subtitle.inside"),
  ].filter((fact) => fact !== null);
}

function discName(disc: string | null): string {
  return t(DISCS[disc ?? ""] ?? "disc.unknown");
}

const DISCS: Record<string, Key> = {
  bluray: "disc.bluray",
  dvd: "disc.dvd",
  hddvd: "disc.hddvd",
  tv: "disc.tv",
  vhs: "disc.vhs",
};

/** How the two pictures lie: above each other, or in streams of their own; else side by side. */
const STEREO: Record<string, Key> = {
  fou: "stereo.above",
  ftab: "stereo.above",
  hou: "stereo.above",
  htab: "stereo.above",
  mvc: "stereo.mvc",
  ou: "stereo.above",
  tab: "stereo.above",
};

const EXTRAS: Record<string, Key> = {
  behind_the_scenes: "extra.behind_the_scenes",
  clip: "extra.clip",
  deleted_scene: "extra.deleted_scene",
  featurette: "extra.featurette",
  interview: "extra.interview",
  sample: "extra.sample",
  scene: "extra.scene",
  short: "extra.short",
  theme_video: "extra.theme_video",
  trailer: "extra.trailer",
};
