/** What sounds, subtitles and qualities are called in the menus. */

import type { Quality, Sound, SubtitleChoice } from "../api/types";
import { bitrateText, languageName } from "../i18n/format";
import { language, t } from "../i18n/index.svelte";
import { channelsText, nameOf } from "./codecs";

export function soundName({ language: tongue, title }: Sound): string {
  return tongueName(tongue) ?? title ?? t("subtitle.unknown");
}

/** `Dolby Digital (AC-3) · 5.1`, as its parts. */
export function soundFacts({ language: tongue, title, codec, channel_count, is_commentary }: Sound): string[] {
  const named = tongueName(tongue) === null ? null : title;
  return present([named, is_commentary ? t("sound.commentary") : null, nameOf(codec), channelsText(channel_count)]);
}

export function subtitleName({ language: tongue, title }: SubtitleChoice): string {
  return tongueName(tongue) ?? title ?? t("subtitle.unknown");
}

/** `Signs · forced · SDH · drawn into the picture`, as its parts. */
export function subtitleFacts({ language: tongue, title, is_forced, is_hearing_impaired, is_text, format }: SubtitleChoice): string[] {
  return present([
    tongueName(tongue) === null ? null : title,
    is_forced ? t("subtitle.forced") : null,
    is_hearing_impaired ? t("subtitle.sdh") : null,
    nameOf(format),
    is_text ? null : t("subtitle.burned_in"),
  ]);
}

export function qualityText({ height_px, bitrate_bps }: Quality): { text: string; note: string } {
  return { text: `${height_px}p`, note: bitrateText(bitrate_bps, language.locale) };
}

/** `1.25×` */
export function speedText(speed: number): string {
  return `${new Intl.NumberFormat(language.locale).format(speed)}×`;
}

function tongueName(tongue: string | null): string | null {
  return tongue === null || tongue === "und" ? null : (languageName(tongue, language.current) ?? tongue);
}

function present(facts: (string | null)[]): string[] {
  return facts.filter((fact) => fact !== null && fact !== "") as string[];
}
