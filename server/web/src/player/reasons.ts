/** Why a film is not sent as it is, in sentences. */

import type { Decision, Reason, ReasonCode } from "../api/types";
import { bitrateText } from "../i18n/format";
import { language, t, type Key } from "../i18n/index.svelte";
import { nameOf } from "./codecs";

const SENTENCES: Record<ReasonCode, Key> = {
  container_not_supported: "reason.container",
  container_bitrate_exceeds_limit: "reason.limit.bitrate",
  stream_count_exceeds_limit: "reason.stream_count",
  direct_play_not_offered: "reason.direct_play",
  video_codec_not_supported: "reason.video.codec",
  video_codec_tag_not_supported: "reason.video.tag",
  video_profile_not_supported: "reason.video.profile",
  video_level_not_supported: "reason.video.level",
  video_range_type_not_supported: "reason.video.range",
  video_bit_depth_not_supported: "reason.video.bit_depth",
  video_bitrate_not_supported: "reason.video.bitrate",
  video_resolution_not_supported: "reason.video.resolution",
  video_framerate_not_supported: "reason.video.frame_rate",
  video_rotation_not_supported: "reason.video.rotation",
  interlaced_video_not_supported: "reason.video.interlaced",
  anamorphic_video_not_supported: "reason.video.anamorphic",
  ref_frames_not_supported: "reason.video.reference_frames",
  video_resolution_exceeds_limit: "reason.limit.resolution",
  audio_codec_not_supported: "reason.audio.codec",
  audio_profile_not_supported: "reason.audio.profile",
  audio_channels_not_supported: "reason.audio.channels",
  audio_bitrate_not_supported: "reason.audio.bitrate",
  audio_sample_rate_not_supported: "reason.audio.sample_rate",
  audio_bit_depth_not_supported: "reason.audio.bit_depth",
  secondary_audio_not_supported: "reason.audio.secondary",
  subtitle_codec_not_supported: "reason.subtitle.codec",
  no_video: "reason.no_video",
  failed_before: "reason.failed_before",
  keyframes_unknown: "reason.keyframes_unknown",
  transcoding_not_offered: "reason.transcoding.not_offered",
  transcoding_not_allowed: "reason.transcoding.not_allowed",
  encoder_missing: "reason.transcoding.no_encoder",
  video_range_not_converted: "reason.transcoding.range",
  machine_too_slow: "reason.transcoding.too_slow",
};
/** Numbers that mean nothing to a viewer. */
const MUTE: ReadonlySet<ReasonCode> = new Set(["machine_too_slow", "direct_play_not_offered", "video_level_not_supported"]);

/** `This browser does not know the codec of the picture: HEVC.` */
export function reasonText(reason: Reason): string {
  const found = MUTE.has(reason.code) ? null : valueText(reason.code, reason.found);
  const sentence = t(SENTENCES[reason.code]);
  return found === null ? sentence : sentence.replace(/\.$/, `: ${found}.`);
}

/** Those of the file and of its streams, each code once. */
export function allReasons({ reasons, video, audio, subtitle }: Decision): Reason[] {
  const all = [...reasons, ...[video, audio, subtitle].flatMap((plan) => plan?.reasons ?? [])];
  return all.filter(({ code }, index) => all.findIndex((one) => one.code === code) === index);
}

/** In a short line: how a film will be played. */
export function methodText(decision: Decision): string {
  if (decision.method === "impossible") return isTooSlow(decision) ? t("play.too_slow") : t("play.impossible");
  const picture = decision.video?.action === "transcode";
  const sound = decision.audio?.action === "transcode";
  if (picture && sound) return t("play.both_converted");
  if (picture) return t(decision.subtitle?.action === "burn_in" ? "play.burned_in" : "play.picture_converted");
  if (sound) return t("play.sound_converted");
  return decision.method === "direct_play" ? t("play.as_it_is") : t("play.repacked");
}

export function isTooSlow(decision: Decision): boolean {
  return allReasons(decision).some(({ code }) => code === "machine_too_slow");
}

function valueText(code: ReasonCode, value: Reason["found"] | undefined): string | null {
  if (typeof value === "string") return value === "" ? null : nameOf(value);
  if (typeof value !== "number") return null;
  if (code.includes("bitrate")) return bitrateText(value, language.locale);
  const number = new Intl.NumberFormat(language.locale, { maximumFractionDigits: 3 });
  if (code.includes("sample_rate")) return `${number.format(value / 1000)}\u00a0kHz`;
  if (code.includes("framerate")) return `${number.format(value)}\u00a0fps`;
  return number.format(value);
}
