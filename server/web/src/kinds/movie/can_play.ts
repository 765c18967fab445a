/** Which of several files this browser plays with the least effort; how a file is played at last, the server decides. */

import type { MediaFile, Stream } from "../../api/types";

/** HTMLMediaElement.canPlayType: "" is no, "maybe" and "probably" are yes. */
export type CanPlayType = (type: string) => string;

/** As it is; perhaps, in a container that the browser did not name; or converted. */
export type Verdict = "plays" | "may" | "converted";

/** Containers that hold the codecs of mp4 and webm without being asked for by that name. */
const TRY_CONTAINERS = new Set(["matroska", "mov"]);
const CARRIERS: Record<"video" | "audio", string[]> = {
  video: ["video/mp4", "video/webm"],
  audio: ["audio/mp4", "audio/webm", "video/mp4", "video/webm"],
};

/** Judge one file by its container and by the picture and sound that the browser would pick. */
export function verdict(file: MediaFile, canPlayType: CanPlayType): Verdict {
  const streams = [chosen(file, "video"), chosen(file, "audio")].filter((stream) => stream !== undefined);
  if (!streams.every((stream) => isPlayable(stream, canPlayType))) return "converted";
  if (TRY_CONTAINERS.has(file.container ?? "")) return "may";
  const [media_type = ""] = file.media_type.split(";");
  return canPlayType(media_type) === "" ? "converted" : "plays";
}

/** Browsers play one picture and one sound of a file: the marked ones, else the first. */
function chosen(file: MediaFile, kind: "video" | "audio"): Stream | undefined {
  const streams = file.streams.filter((stream) => stream.kind === kind);
  return streams.find((stream) => stream.is_default) ?? streams[0];
}

function isPlayable({ kind, codecs }: Stream, canPlayType: CanPlayType): boolean {
  if (codecs === null || (kind !== "video" && kind !== "audio")) return false;
  return CARRIERS[kind].some((carrier) => canPlayType(`${carrier}; codecs="${codecs}"`) !== "");
}
