/** The words of the pages in the reader's language. */

import { client } from "../api/client";
import type { Language } from "../api/types";
import de from "./de.json";
import en from "./en.json";

export const LANGUAGES: Record<Language, string> = { en: "English", de: "Deutsch" };
export type Key = keyof typeof en;
/** A sentence that depends on a count: the catalogue holds `KEY.one` and `KEY.other`. */
export type CountKey = Key extends infer K ? (K extends `${infer Base}.other` ? Base : never) : never;
type Values = Record<string, string | number>;

const CATALOGUES: Record<Language, Record<Key, string>> = { en, de };
const STORE_KEY = "revenge.language";

class LanguageChoice {
  current = $state<Language>(stored() ?? ofBrowser());
  /** The language with the reader's region, for dates and numbers: `en-GB`. */
  locale = $derived(navigator.languages.find((tag) => known(tag) === this.current) ?? this.current);

  /** The reader's own choice, kept in this browser; it outranks the account's. */
  choose(language: Language): void {
    localStorage.setItem(STORE_KEY, language);
    this.#apply(language);
  }

  followUser(language: string): void {
    if (stored() === null) this.#apply(known(language) ?? this.current);
  }

  apply(): void {
    this.#apply(this.current);
  }

  #apply(language: Language): void {
    this.current = language;
    client.language = language;
    document.documentElement.lang = language;
  }
}

export const language = new LanguageChoice();

/** The sentence of `key` with its `{named}` fields filled. */
export function t(key: Key, values: Values = {}): string {
  return CATALOGUES[language.current][key].replace(/\{(\w+)\}/g, (field, name: string) => `${values[name] ?? field}`);
}

/** The sentence for `count` things; `{count}` is the number as the reader writes it. */
export function tCount(key: CountKey, count: number): string {
  const form = new Intl.PluralRules(language.current).select(count) === "one" ? "one" : "other";
  return t(`${key}.${form}`, { count: new Intl.NumberFormat(language.locale).format(count) });
}

function stored(): Language | null {
  return known(localStorage.getItem(STORE_KEY) ?? "");
}

function ofBrowser(): Language {
  return navigator.languages.map(known).find((language) => language !== null) ?? "en";
}

function known(tag: string): Language | null {
  const base = tag.toLowerCase().split("-")[0] ?? "";
  return base === "en" || base === "de" ? base : null;
}
