/** The subtitles of a version. Pure. */

import type { Subtitle, Version } from "../../api/types";

/** Those of the film and of the version's files; what every part has in the same way is told once. */
export function subtitlesOf(subtitles: readonly Subtitle[], version: Version): Subtitle[] {
  const file_ids = new Set(version.files.map(({ file_id }) => file_id));
  const ours = subtitles.filter(({ of_file_id }) => of_file_id === null || file_ids.has(of_file_id));
  return [...new Map(ours.map((subtitle) => [likeness(subtitle), subtitle])).values()];
}

function likeness({ file_id, stream_index, of_file_id, ...rest }: Subtitle): string {
  return JSON.stringify(rest);
}
