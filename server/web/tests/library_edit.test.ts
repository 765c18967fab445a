import { expect, test } from "vitest";

import type { Library } from "../src/api/types";
import { changeOf } from "../src/pages/library_edit";

const library: Library = {
  library_id: "l",
  name: "Films",
  kind: "movie",
  roots: [{ root_id: "r", path: "/srv/films", state: "online" }],
  item_count: 1,
  scan: null,
};
const rows = [{ root_id: "r", path: "/srv/films" }];

test("what is not changed is not sent", () => {
  expect(changeOf(library, " Films ", rows)).toEqual({ name: null, roots: null });
  expect(changeOf(library, "Old films", rows)).toEqual({ name: "Old films", roots: null });
});

test("folders are sent whole: known ones with their id, new ones without", () => {
  const wanted = [...rows, { root_id: null, path: " /srv/more " }];
  expect(changeOf(library, "Films", wanted)).toEqual({
    name: null,
    roots: [
      { root_id: "r", path: "/srv/films" },
      { root_id: null, path: "/srv/more" },
    ],
  });
});
