/** Why a film does not play, in a sentence that says what to do. */

import type { MediaFile } from "../../api/types";
import { language, t } from "../../i18n/index.svelte";
import { nameOf, type Verdict } from "./can_play";

/** The sentence for a file that must not be tried, or null when it may. */
export function refusal(file: MediaFile | null, judged: Verdict | null): string | null {
  if (file === null || judged === null) return t("film.no_file");
  if (file.error !== null) return file.error.detail;
  return judged.can === "nothing" ? cannotPlay(judged.codecs) : null;
}

/** The sentence for a file that was tried in vain. */
export function triedInVain(file: MediaFile): string {
  return cannotPlay([nameOf(file.container ?? "")]);
}

function cannotPlay(codecs: string[]): string {
  return t("film.cannot_play", { codecs: new Intl.ListFormat(language.current, { type: "disjunction" }).format(codecs) });
}
