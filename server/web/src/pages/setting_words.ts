/** The values of settings as people say them. */

import type { SettingValue } from "../api/types";
import { language, t } from "../i18n/index.svelte";
import type { SettingField } from "./settings_form";

/** A value in words; of a setting that is no longer there, as it was kept. */
export function inWords(value: SettingValue, field?: SettingField): string {
  if (typeof value === "boolean") return t(value ? "server.on" : "server.off");
  if (typeof value === "number") return new Intl.NumberFormat(language.locale).format(value);
  const title = field?.kind === "choice" ? field.options.find((option) => option.value === value)?.text : undefined;
  return title ?? (value || "–");
}

/** What can be set back to, as a sentence. */
export function defaultText(field: SettingField): string {
  return field.default === "" ? t("server.default.empty") : t("server.default", { value: inWords(field.default, field) });
}

/** The same as the words of a button. */
export function resetText(field: SettingField): string {
  return field.default === "" ? t("server.reset.empty") : t("server.reset", { value: inWords(field.default, field) });
}

/** Why a value is none that the field takes. */
export function wrongText(field: SettingField): string {
  if (field.kind === "number") return t("server.number", { least: inWords(field.least), most: inWords(field.most) });
  if (field.kind !== "text") return t("server.gone");
  const line = t("server.line", { most: inWords(field.most) });
  return field.pattern === null ? line : `${line} ${field.help}`;
}
