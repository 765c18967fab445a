/** The shapes of playback. */

import type { Card, Progress } from "../api/types";

export type Method = "direct_play" | "remux" | "transcode" | "impossible";
export type Action = "copy" | "transcode" | "external" | "burn_in" | "drop";
export type Value = string | number | boolean;

export const REASON_CODES = [
  "container_not_supported",
  "container_bitrate_exceeds_limit",
  "stream_count_exceeds_limit",
  "direct_play_not_offered",
  "video_codec_not_supported",
  "video_codec_tag_not_supported",
  "video_profile_not_supported",
  "video_level_not_supported",
  "video_range_type_not_supported",
  "video_bit_depth_not_supported",
  "video_bitrate_not_supported",
  "video_resolution_not_supported",
  "video_framerate_not_supported",
  "video_rotation_not_supported",
  "interlaced_video_not_supported",
  "anamorphic_video_not_supported",
  "ref_frames_not_supported",
  "video_resolution_exceeds_limit",
  "audio_codec_not_supported",
  "audio_profile_not_supported",
  "audio_channels_not_supported",
  "audio_bitrate_not_supported",
  "audio_sample_rate_not_supported",
  "audio_bit_depth_not_supported",
  "secondary_audio_not_supported",
  "subtitle_codec_not_supported",
  "no_video",
  "transcoding_not_offered",
  "transcoding_not_allowed",
  "encoder_missing",
  "machine_too_slow",
] as const;
export type ReasonCode = (typeof REASON_CODES)[number];

export interface Reason {
  code: ReasonCode;
  found?: Value | null;
  any_of?: Value[];
  none_of?: Value[];
  at_most?: number | null;
  at_least?: number | null;
}

export interface VideoEncoding {
  codec: string;
  profile: string | null;
  max_level: number | null;
  width_px: number;
  height_px: number;
  frame_rate: number | null;
  bitrate_bps: number;
}

export interface AudioEncoding {
  codec: string;
  channel_count: number;
  sample_rate_hz: number;
  bitrate_bps: number;
}

interface StreamPlan {
  index: number;
  action: Action;
  reasons: Reason[];
}

export interface Decision {
  method: Method;
  form: { protocol: "file" | "hls" | "http"; container: string };
  video: (StreamPlan & { encoding: VideoEncoding | null }) | null;
  audio: (StreamPlan & { encoding: AudioEncoding | null }) | null;
  subtitle: (StreamPlan & { format: string | null }) | null;
  reasons: Reason[];
}

export interface ContainerReport {
  container: string;
  video_codecs: string[];
  audio_codecs: string[];
}

export interface VideoReport {
  codec: string;
  profile: string | null;
  max_level: number | null;
  max_width_px: number | null;
  max_bit_depth: number;
  transfers: ("sdr" | "pq" | "hlg")[];
}

export interface BrowserReport {
  files: ContainerReport[];
  hls: ContainerReport | null;
  video: VideoReport[];
  audio: { codec: string; max_channel_count: number | null }[];
  subtitles: string[];
  max_bitrate_bps: number | null;
}

export interface PlayRequest {
  item_id: string;
  file_id: string;
  browser: BrowserReport | null;
  device_profile: object | null;
  start_ms: number;
  audio_index: number | null;
  subtitle_index: number | null;
  max_height_px: number | null;
  max_bitrate_bps: number | null;
  failed: ("direct_play" | "remux")[];
}

export interface Sound {
  index: number;
  language: string | null;
  title: string | null;
  codec: string;
  channel_count: number | null;
  is_default: boolean;
  is_commentary: boolean;
}

export interface SubtitleChoice {
  index: number;
  language: string | null;
  title: string | null;
  format: string;
  is_text: boolean;
  is_external: boolean;
  is_forced: boolean;
  is_hearing_impaired: boolean;
  is_default: boolean;
  playlist_url: string | null;
}

export interface Quality {
  height_px: number;
  bitrate_bps: number;
}

export interface Play {
  session_id: string | null;
  item_id: string;
  file_id: string;
  url: string | null;
  is_hls: boolean;
  decision: Decision;
  media_type: string;
  length_ms: number | null;
  sounds: Sound[];
  sound_index: number | null;
  subtitles: SubtitleChoice[];
  subtitle_index: number | null;
  qualities: Quality[];
  report_every_s: number;
}

export interface PlayReport {
  position_ms: number;
  is_playing: boolean;
}

export interface PlayState {
  progress: Progress | null;
  speed: number | null;
}

export interface Preferences {
  audio_languages: string[];
  subtitle_languages: string[];
}

export interface FileTicket {
  url: string;
  expires_at: string;
}

export interface ContinueWatching {
  items: Card[];
  progress: Record<string, Progress>;
}
