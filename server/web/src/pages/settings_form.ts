/** A form made of the JSON Schema of a section of settings: whole numbers within bounds. */

import type { SettingsSection } from "../api/types";

export interface SettingField {
  name: string;
  title: string;
  help: string;
  value: number;
  default: number;
  least: number;
  most: number;
  /** The variable or line that holds the value; null where it can be changed here. */
  pinned_by: string | null;
}

interface NumberSchema {
  title: string;
  description: string;
  default: number;
  minimum: number;
  maximum: number;
}

export function fieldsOf(section: SettingsSection): SettingField[] {
  const properties = (section.schema as unknown as { properties: Record<string, NumberSchema> }).properties;
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    title: schema.title,
    help: schema.description,
    value: section.values[name] as number,
    default: schema.default,
    least: schema.minimum,
    most: schema.maximum,
    pinned_by: section.pinned[name] ?? null,
  }));
}

/** The whole number that somebody typed; null where it is none that the field takes. */
export function typed(text: string, field: SettingField): number | null {
  const value = /^\d{1,9}$/.test(text.trim()) ? Number(text) : Number.NaN;
  return value >= field.least && value <= field.most ? value : null;
}

/** What to send: a value that is the default is set back, so that it follows a later default. */
export function edits(drafts: Record<string, string>, fields: SettingField[]): Record<string, number | null> {
  const changed = fields.filter((field) => isChanged(drafts, field));
  return Object.fromEntries(
    changed.map((field) => {
      const value = typed(drafts[field.name] ?? "", field);
      return [field.name, value === field.default ? null : value];
    }),
  );
}

export function isChanged(drafts: Record<string, string>, field: SettingField): boolean {
  const draft = drafts[field.name];
  return draft !== undefined && draft.trim() !== `${field.value}`;
}
