import { expect, test } from "vitest";

import type { Library } from "../src/api/types";
import { changeOf } from "../src/pages/library_edit";

const library: Library = {
  library_id: "l",
  name: "Films",
  kind: "movie",
  roots: [{ root_id: "r", path: "/srv/films", state: "online" }],
  item_count: 1,
  due_picture_count: 0,
  is_watched: true,
  scans_nightly: false,
  scan: null,
};
const rows = [{ root_id: "r", path: "/srv/films" }];

const unchanged = { name: null, roots: null, is_watched: null, scans_nightly: null };

test("what is not changed is not sent", () => {
  expect(changeOf(library, " Films ", rows, library)).toEqual(unchanged);
  expect(changeOf(library, "Old films", rows, library)).toEqual({ ...unchanged, name: "Old films" });
  expect(changeOf(library, "Films", rows, { is_watched: false, scans_nightly: false })).toEqual({ ...unchanged, is_watched: false });
});

test("folders are sent whole: known ones with their id, new ones without", () => {
  const wanted = [...rows, { root_id: null, path: " /srv/more " }];
  expect(changeOf(library, "Films", wanted, library)).toEqual({
    ...unchanged,
    roots: [
      { root_id: "r", path: "/srv/films" },
      { root_id: null, path: "/srv/more" },
    ],
  });
});
