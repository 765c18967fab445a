/** What a form changes of a library: only what differs is sent, so that a new name begins no scan. */

import type { Library, LibraryEdit } from "../api/types";

export type Switches = Pick<Library, "is_watched" | "scans_nightly">;

export interface Row {
  /** null: a folder that is new to the library. */
  root_id: string | null;
  path: string;
}

export function changeOf(library: Library, name: string, rows: Row[], { is_watched, scans_nightly }: Switches): LibraryEdit {
  const roots = rows.map(({ root_id, path }) => ({ root_id, path: path.trim() }));
  const before = library.roots.map(({ root_id, path }) => ({ root_id, path: path ?? "" }));
  return {
    name: name.trim() === library.name ? null : name.trim(),
    roots: JSON.stringify(roots) === JSON.stringify(before) ? null : roots,
    is_watched: is_watched === library.is_watched ? null : is_watched,
    scans_nightly: scans_nightly === library.scans_nightly ? null : scans_nightly,
  };
}
