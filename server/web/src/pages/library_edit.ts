/** What a form changes of a library: only what differs is sent, so that a new name begins no scan. */

import type { Library, LibraryEdit } from "../api/types";

export interface Row {
  /** null: a folder that is new to the library. */
  root_id: string | null;
  path: string;
}

export function changeOf(library: Library, name: string, rows: Row[]): LibraryEdit {
  const roots = rows.map(({ root_id, path }) => ({ root_id, path: path.trim() }));
  const before = library.roots.map(({ root_id, path }) => ({ root_id, path: path ?? "" }));
  return {
    name: name.trim() === library.name ? null : name.trim(),
    roots: JSON.stringify(roots) === JSON.stringify(before) ? null : roots,
  };
}
