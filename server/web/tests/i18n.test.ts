import { expect, test } from "vitest";

import de from "../src/i18n/de.json";
import en from "../src/i18n/en.json";

const sources = Object.values(
  import.meta.glob<string>(["../src/**/*.svelte", "../src/**/*.ts"], { query: "?raw", import: "default", eager: true }),
).join("\n");
const keys = Object.keys(en) as (keyof typeof en)[];
const fields = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort();

test("both languages have the same keys, sorted", () => {
  expect(Object.keys(de)).toEqual(keys);
  expect(keys).toEqual([...keys].sort());
});

test("every sentence has the same fields in both languages, and words", () => {
  for (const key of keys) {
    expect(fields(de[key]), key).toEqual(fields(en[key]));
    expect(de[key].trim(), key).not.toBe("");
    expect(en[key].trim(), key).not.toBe("");
  }
});

test("no key is unused", () => {
  const unused = keys.filter((key) => !sources.includes(`"${key.replace(/\.(one|other)$/, "")}"`));
  expect(unused).toEqual([]);
});

test("the pages hold no words of their own", () => {
  const pages = import.meta.glob<string>("../src/**/*.svelte", { query: "?raw", import: "default", eager: true });
  for (const [file, source] of Object.entries(pages)) {
    const markup = source.replace(/<(script|style)[\s\S]*?<\/\1>/g, "").replace(/<!--[\s\S]*?-->/g, "");
    const words = markup
      .replace(/\{[^{}]*(\{[^{}]*\}[^{}]*)*\}/g, "")
      .replace(/<[^>]*>/g, "")
      .match(/[A-Za-z]{3,}/g);
    expect((words ?? []).filter((word) => !["Revenge", "revenge", "server", "user", "reset"].includes(word)), file).toEqual([]);
  }
});
