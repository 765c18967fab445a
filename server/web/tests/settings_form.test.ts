import { expect, test } from "vitest";
import type { SettingsSection } from "../src/api/types";
import { draftOf, edits, fieldsOf, isChanged, meant, type SettingField } from "../src/pages/settings_form";

const ENDS = [
  { const: "square", title: "Square" },
  { const: "lateen", title: "Lateen" },
];
const SECTION = {
  name: "sails",
  title: "Sails",
  schema: {
    properties: {
      count: { title: "Sails", description: "How many.", default: 3, type: "integer", minimum: -1, maximum: 2 ** 31 - 1 },
      are_red: { title: "Red", description: "Or not.", default: false, type: "boolean" },
      motto: { title: "Motto", description: "On them.", default: "", type: "string", maxLength: 5 },
      mark: { title: "Mark", description: "Letters.", default: "ab", type: "string", maxLength: 5, pattern: "^[a-z]*$" },
      cut: { title: "Cut", description: "Of all.", default: "lateen", type: "string", oneOf: ENDS },
    },
  },
  values: { count: 5, are_red: true, motto: "Ahoy", mark: "ab", cut: "square" },
  chosen: ["count", "are_red", "motto", "cut"],
  pinned: { mark: "REVENGE_SAILS_MARK" },
} as unknown as SettingsSection;
const FIELDS = fieldsOf(SECTION);
const field = (wanted: string) => FIELDS.find(({ name }) => name === wanted) as SettingField;

test("each kind of setting has its field, in the order of the schema", () => {
  expect(FIELDS.map(({ name, kind }) => [name, kind])).toEqual([
    ["count", "number"],
    ["are_red", "switch"],
    ["motto", "text"],
    ["mark", "text"],
    ["cut", "choice"],
  ]);
  expect(field("count")).toMatchObject({ title: "Sails", help: "How many.", value: 5, default: 3, least: -1, pinned_by: null });
  expect(field("mark").pinned_by).toBe("REVENGE_SAILS_MARK");
  expect(field("cut")).toMatchObject({ options: [{ value: "square", text: "Square" }, { value: "lateen", text: "Lateen" }] });
});

test.each([
  ["count", "1", 1],
  ["count", " 9 ", 9],
  ["count", "-1", -1],
  ["count", "-2", null],
  ["count", "2147483647", 2147483647],
  ["count", "2147483648", null],
  ["count", "", null],
  ["count", "2.5", null],
  ["count", "1e0", null],
  ["count", "9".repeat(400), null],
  ["are_red", false, false],
  ["motto", "", ""],
  ["motto", "  Ahoy ", "Ahoy"],
  ["motto", "⛵🏴⛵🏴⛵", "⛵🏴⛵🏴⛵"],
  ["motto", "Ahoy!!", null],
  ["motto", "a\u0000b", null],
  ["motto", "a\nb", null],
  ["motto", "a\u2028b", null],
  ["mark", "abc", "abc"],
  ["mark", "ABC", null],
  ["cut", "lateen", "lateen"],
])("in %s %j means %j", (name, draft, expected) => {
  expect(meant(draft, field(name))).toBe(expected);
});

test.each([
  [{}, {}],
  [{ count: "5", are_red: true, motto: "Ahoy ", cut: "square" }, {}],
  [{ count: "7", motto: " Hi" }, { count: 7, motto: "Hi" }],
  [{ count: "3", are_red: false, motto: "", cut: "lateen" }, { count: null, are_red: null, motto: null, cut: null }],
])("of %j is sent %j: only what differs, and a default is set back", (drafts, expected) => {
  expect(edits(drafts, FIELDS)).toEqual(expected);
});

test("a field that nobody touched is not changed", () => {
  for (const one of FIELDS) expect(isChanged({ [one.name]: draftOf(one.value) }, one)).toBe(false);
});
