/** What is worth saying about a file in a line. */

import type { Card, MediaFile, Stream } from "../../api/types";
import { languageName, lengthText, sizeText } from "../../i18n/format";
import { channelsText, nameOf } from "../../player/codecs";
import { lengthMs, sizeBytes } from "./version";

const HEIGHTS: [number, string][] = [
  [4000, "8K"],
  [2000, "4K"],
  [1400, "1440p"],
  [1000, "1080p"],
  [700, "720p"],
  [560, "576p"],
  [460, "480p"],
];

/** `2019 · 2 h 14 min`, as its parts; the length is that of the version's files where they have one. */
export function cardFacts(card: Pick<Card, "year" | "length_ms">, files: readonly MediaFile[]): string[] {
  const length_ms = files.length > 0 ? (lengthMs(files) ?? card.length_ms) : card.length_ms;
  return [card.year === null ? "" : `${card.year}`, length_ms === null ? "" : lengthText(length_ms)].filter((fact) => fact !== "");
}

/** `1080p · H.264 · 1.4 GB`, as its parts. */
export function fileFacts(files: readonly MediaFile[], language: string): string[] {
  const picture = files[0]?.streams.find(({ kind }) => kind === "video");
  const size_bytes = sizeBytes(files);
  const facts = [
    picture === undefined ? null : resolution(picture),
    picture === undefined ? null : nameOf(picture.codec),
    size_bytes === 0 ? null : sizeText(size_bytes, language),
  ];
  return facts.filter((fact) => fact !== null);
}

/** One stream in a line: `H.264 · 1920 × 1080`, `AAC · German · 5.1`. */
export function streamFacts(stream: Stream, language: string): string[] {
  const size = stream.width_px && stream.height_px ? `${stream.width_px} × ${stream.height_px}` : null;
  const tongue = stream.language === null ? null : (languageName(stream.language, language) ?? stream.language);
  const facts = [nameOf(stream.codec), size, rate(stream, language), tongue, channelsText(stream.channel_count), stream.title];
  return facts.filter((fact) => fact !== null && fact !== "") as string[];
}

/** By width as well, because a film in scope has fewer lines than its name says. */
function resolution({ width_px, height_px }: Stream): string | null {
  if (!width_px || !height_px) return null;
  const shorter = Math.min(width_px, height_px);
  const lines = Math.max(shorter, Math.round((Math.max(width_px, height_px) * 9) / 16));
  return HEIGHTS.find(([from]) => lines >= from)?.[1] ?? `${shorter}p`;
}

function rate({ frame_rate }: Stream, language: string): string | null {
  if (!frame_rate) return null;
  return `${new Intl.NumberFormat(language, { maximumFractionDigits: 3 }).format(frame_rate)} fps`;
}
