"""What a stream becomes when it is encoded anew: size and bit rate. Pure."""

from collections.abc import Iterable, Sequence
from math import inf
from typing import Final

from msgspec import Struct

from server.media.h264 import LEAST_LEVEL, PROFILES, Profile
from server.media.hls.ladder import Bounds, ladder, shown_rate
from server.media.model import Stream
from server.services.playback.capabilities import Alternatives, Condition
from server.services.playback.facts import Fact
from server.services.playback.plans import AudioEncoding, VideoEncoding


class Room(Struct, frozen=True, kw_only=True):
    """What an encoded stream may take, None is no limit; `conditions` are what the client demands of it."""

    bitrate_bps: int | None = None
    height_px: int | None = None
    px_per_s: float | None = None
    conditions: tuple[Condition, ...] = ()

    def most(self, fact: Fact) -> float | None:
        """Return how much of something the client takes."""
        limits = (one.at_most for one in self.conditions if one.fact is fact)
        return min((limit for limit in limits if limit is not None), default=None)

    def at_most(self, fact: Fact, wanted: float) -> float:
        """Return as much of what is wanted as the client takes."""
        most = self.most(fact)
        return wanted if most is None else min(wanted, most)


_LEAST_VIDEO_BPS: Final = 64_000
_TIMES_THE_SOURCE: Final = 2
"""H.264 needs at most twice the bits of a newer codec: more would be spent on nothing."""
_AUDIO_BPS_PER_CHANNEL: Final = 64_000
_LEAST_AUDIO_BPS: Final = 24_000
_SHARE_OF_AUDIO: Final = 6
"""Sound takes a sixth of a narrow line at most."""
_MOST_CHANNELS: Final = {"mp2": 2, "mp3": 2, "ac3": 6, "eac3": 6}
_MOST_CHANNELS_ELSE: Final = 8
_MOST_SAMPLE_RATE_HZ: Final = 48_000
_LEAST_SAMPLE_RATE_HZ: Final = 8_000


def kept(demands: Iterable[Alternatives]) -> tuple[Condition, ...]:
    """Return the conditions that an encoded stream keeps: of each demand the alternative that leaves most room."""
    widest = (max(alternatives, key=_generosity, default=()) for alternatives in demands)
    return tuple(condition for alternative in widest for condition in alternative)


def encoded_video(video: Stream, source_bps: int, codec: str, room: Room) -> VideoEncoding | None:
    """Return the best picture that there is room for; None when the machine is too slow for any.

    `source_bps` is the bit rate of the original, 0 when unknown.
    """
    bounds = Bounds(
        width_px=room.at_most(Fact.WIDTH, inf),
        height_px=room.at_most(Fact.HEIGHT, inf),
        short_px=room.height_px or inf,
        frame_rate=room.at_most(Fact.FRAME_RATE, inf),
    )
    rungs, rate = ladder(video, bounds), shown_rate(video, bounds)
    line_bps = rungs[0].peak_bps if room.bitrate_bps is None else room.bitrate_bps
    available_bps = max(int(room.at_most(Fact.VIDEO_BITRATE, line_bps)), 0)
    level = room.most(Fact.VIDEO_LEVEL)
    for rung in rungs:
        is_smooth = codec != "h264" or level is None or rung.level <= max(level, LEAST_LEVEL)
        is_fast = room.px_per_s is None or rung.width_px * rung.height_px * rate <= room.px_per_s
        if is_fast and ((is_smooth and available_bps >= rung.least_bps) or rung is rungs[-1]):
            useful_bps = source_bps * _TIMES_THE_SOURCE or rung.peak_bps
            return VideoEncoding(
                codec=codec,
                profile=_h264_profile(room.conditions) if codec == "h264" else None,
                max_level=None if level is None else int(level),
                width_px=rung.width_px,
                height_px=rung.height_px,
                frame_rate=rate if video.frame_rate else None,
                bitrate_bps=max(min(rung.peak_bps, available_bps, useful_bps), _LEAST_VIDEO_BPS),
            )
    return None


def encoded_audio(audio: Stream, codec: str, room: Room) -> AudioEncoding:
    """Return sound with as many channels as there are and may be."""
    most = min(audio.channel_count or 2, _MOST_CHANNELS.get(codec, _MOST_CHANNELS_ELSE))
    channels = max(int(room.at_most(Fact.AUDIO_CHANNELS, most)), 1)
    rate = min(audio.sample_rate_hz or _MOST_SAMPLE_RATE_HZ, _MOST_SAMPLE_RATE_HZ)
    suits_bps = channels * _AUDIO_BPS_PER_CHANNEL
    if room.bitrate_bps is not None:
        suits_bps = min(suits_bps, room.bitrate_bps // _SHARE_OF_AUDIO)
    return AudioEncoding(
        codec=codec,
        channel_count=channels,
        sample_rate_hz=max(int(room.at_most(Fact.AUDIO_SAMPLE_RATE, rate)), _LEAST_SAMPLE_RATE_HZ),
        bitrate_bps=max(int(room.at_most(Fact.AUDIO_BITRATE, suits_bps)), _LEAST_AUDIO_BPS),
    )


def _h264_profile(conditions: Sequence[Condition]) -> Profile:
    """Return the best profile that the client takes; the simplest if it names none that is made here."""
    for profile in PROFILES:
        if all(one.holds(profile) for one in conditions if one.fact is Fact.VIDEO_PROFILE):
            return profile
    return PROFILES[-1]


def _generosity(alternative: Sequence[Condition]) -> tuple[float, int]:
    """Order alternatives by the width of the picture, then by the profile."""
    width = Room(conditions=tuple(alternative)).at_most(Fact.WIDTH, float("inf"))
    return width, -PROFILES.index(_h264_profile(alternative))
