/** A form made of the JSON Schema of a section of settings: whole numbers, switches, texts and choices. */

import type { SettingsSection, SettingValue } from "../api/types";

interface Named {
  name: string;
  title: string;
  help: string;
  /** The variable or line that holds the value; null where it can be changed here. */
  pinned_by: string | null;
}

interface Valued<Kind extends string, Value> {
  kind: Kind;
  value: Value;
  default: Value;
}

export type NumberField = Named & Valued<"number", number> & { least: number; most: number };
export type SwitchField = Named & Valued<"switch", boolean>;
export type TextField = Named & Valued<"text", string> & { most: number; pattern: RegExp | null };
export type ChoiceField = Named & Valued<"choice", string> & { options: { value: string; text: string }[] };
export type SettingField = NumberField | SwitchField | TextField | ChoiceField;

/** What stands in a field: of a number, too, the text. */
export type Draft = string | boolean;
export type Drafts = Record<string, Draft>;

interface Schema {
  title: string;
  description: string;
  default: SettingValue;
  type: "integer" | "boolean" | "string";
  minimum?: number;
  maximum?: number;
  maxLength?: number;
  pattern?: string;
  oneOf?: { const: string; title: string }[];
}

const NOT_ONE_LINE = /[\p{Cc}\u2028\u2029]/u;

export function fieldsOf(section: SettingsSection): SettingField[] {
  const { properties } = section.schema as unknown as { properties: Record<string, Schema> };
  return Object.entries(properties).map(([name, schema]) => {
    const shown = { name, title: schema.title, help: schema.description, pinned_by: section.pinned[name] ?? null };
    return { ...shown, ...shapeOf(schema), value: section.values[name], default: schema.default } as SettingField;
  });
}

function shapeOf({ type, minimum, maximum, maxLength, pattern, oneOf }: Schema) {
  if (type === "integer") return { kind: "number", least: minimum, most: maximum };
  if (type === "boolean") return { kind: "switch" };
  if (oneOf !== undefined) return { kind: "choice", options: oneOf.map((one) => ({ value: one.const, text: one.title })) };
  return { kind: "text", most: maxLength, pattern: pattern === undefined ? null : new RegExp(pattern, "u") };
}

/** What stands in a field that nobody touched, or that was set back. */
export function draftOf(value: SettingValue): Draft {
  return typeof value === "number" ? `${value}` : value;
}

/** The value that somebody means; null where it is none that the field takes. */
export function meant(draft: Draft, field: SettingField): SettingValue | null {
  if (typeof draft === "boolean") return draft;
  const text = draft.trim();
  if (field.kind === "number") return numberIn(text, field);
  return field.kind === "text" && !fits(text, field) ? null : text;
}

function numberIn(text: string, { least, most }: NumberField): number | null {
  const value = /^-?\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  return value >= least && value <= most ? value : null;
}

function fits(text: string, { most, pattern }: TextField): boolean {
  return [...text].length <= most && !NOT_ONE_LINE.test(text) && (pattern?.test(text) ?? true);
}

export function isChanged(drafts: Drafts, field: SettingField): boolean {
  const draft = drafts[field.name];
  return draft !== undefined && isOther(draft, field.value);
}

/** Whether there stands something else than a value. */
export function isOther(draft: Draft, value: SettingValue): boolean {
  return (typeof draft === "string" ? draft.trim() : draft) !== draftOf(value);
}

/** What to send: a value that is the default is set back, so that it follows a later default. */
export function edits(drafts: Drafts, fields: SettingField[]): Record<string, SettingValue | null> {
  const changed = fields.filter((field) => isChanged(drafts, field));
  return Object.fromEntries(
    changed.map((field) => {
      const value = meant(drafts[field.name] ?? "", field);
      return [field.name, value === field.default ? null : value];
    }),
  );
}
