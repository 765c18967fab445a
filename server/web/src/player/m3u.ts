/** A list that other players open. Pure. */

export interface Entry {
  title: string;
  length_ms: number | null;
  url: string;
}

/** The extended M3U of some files in their order; a title stays on its line. */
export function m3uOf(entries: readonly Entry[]): string {
  const lines = entries.flatMap(({ title, length_ms, url }) => [
    `#EXTINF:${length_ms === null ? -1 : Math.round(length_ms / 1000)},${title.replace(/[\r\n]+/g, " ")}`,
    url,
  ]);
  return ["#EXTM3U", ...lines, ""].join("\n");
}

/** A name that no file system refuses. */
export function fileName(title: string): string {
  return `${title.replace(/[\\/:*?"<>|\u0000-\u001f]+/g, " ").trim() || "film"}.m3u`;
}
