/** Subtitles in segments: which there are, and which are needed at a time. Pure. */

export interface Segment {
  start_s: number;
  end_s: number;
  url: string;
}

/** The segments of a media playlist, which lies at `base_url`. RFC 8216. */
export function segmentsOf(playlist: string, base_url: string): Segment[] {
  const segments: Segment[] = [];
  let start_s = 0;
  let length_s = 0;
  for (const line of playlist.split(/\r?\n/)) {
    const told = /^#EXTINF:(\d+(?:\.\d+)?)/.exec(line);
    if (told !== null) length_s = Number(told[1]);
    if (line === "" || line.startsWith("#")) continue;
    segments.push({ start_s, end_s: start_s + length_s, url: new URL(line, base_url).href });
    start_s += length_s;
  }
  return segments;
}

/** The segment of a time, and the one after it. */
export function needed(segments: readonly Segment[], time_s: number): Segment[] {
  const at = segments.findIndex(({ end_s }) => time_s < end_s);
  return at < 0 ? [] : segments.slice(at, at + 2);
}
