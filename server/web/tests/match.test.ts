import { expect, test } from "vitest";

import { match } from "../src/state/match";

test.each([
  ["/", "/", {}],
  ["/films", "/films/", {}],
  ["/films/:item_id", "/films/42", { item_id: "42" }],
  ["/films/:item_id", "/films/a%2Fb", { item_id: "a/b" }],
  ["/films/:item_id", "/films/%E0%A4%A", { item_id: "%E0%A4%A" }],
  ["/films/:item_id/play", "/films/42/play", { item_id: "42" }],
])("%s fits %s", (pattern, path, params) => {
  expect(match(pattern, path)).toEqual(params);
});

test.each([
  ["/", "/films"],
  ["/films", "/"],
  ["/films/:item_id", "/films//"],
  ["/films/:item_id", "/films/42/play"],
  ["/films/:item_id/play", "/films/42/stop"],
])("%s does not fit %s", (pattern, path) => {
  expect(match(pattern, path)).toBeNull();
});
