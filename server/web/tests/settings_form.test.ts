import { expect, test } from "vitest";
import type { SettingsSection } from "../src/api/types";
import { edits, fieldsOf, isChanged, typed } from "../src/pages/settings_form";

const SECTION = {
  name: "sails",
  title: "Sails",
  schema: { properties: { count: { title: "Sails", description: "How many.", default: 3, minimum: 1, maximum: 9 } } },
  values: { count: 5 },
  chosen: ["count"],
  pinned: {},
} as unknown as SettingsSection;
const [FIELD] = fieldsOf(SECTION) as [ReturnType<typeof fieldsOf>[number]];

test.each([
  ["1", 1],
  [" 9 ", 9],
  ["0", null],
  ["10", null],
  ["", null],
  ["2.5", null],
  ["-1", null],
  ["1e0", null],
  ["9".repeat(400), null],
])("%j is read as %j", (text, expected) => {
  expect(typed(text, FIELD)).toBe(expected);
});

test("only what differs is sent, and a default is set back", () => {
  expect(edits({}, [FIELD])).toEqual({});
  expect(edits({ count: "5" }, [FIELD])).toEqual({});
  expect(edits({ count: "7" }, [FIELD])).toEqual({ count: 7 });
  expect(edits({ count: "3" }, [FIELD])).toEqual({ count: null });
  expect(isChanged({ count: "5 " }, FIELD)).toBe(false);
});
