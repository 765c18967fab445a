"""What a stream becomes when it is encoded anew: size and bit rate. Pure."""

from collections.abc import Iterable, Sequence
from typing import Final

from msgspec import Struct

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


class _Rung(Struct, frozen=True):
    """A picture's height, the bit rate that suits it, and the bandwidth below which a smaller one looks better."""

    height_px: int
    bitrate_bps: int
    least_bps: int


_LADDER: Final = (
    _Rung(360, 800_000, 0),
    _Rung(480, 1_500_000, 1_500_000),
    _Rung(720, 4_000_000, 3_000_000),
    _Rung(1080, 8_000_000, 8_000_000),
    _Rung(2160, 25_000_000, 25_000_000),
)
_LEAST_VIDEO_BPS: Final = 64_000
_TIMES_THE_SOURCE: Final = 2
"""H.264 needs at most twice the bits of a newer codec: more would be spent on nothing."""
_USUAL_FRAME_RATE: Final = 30.0
_H264_PROFILES: Final = ("high", "main", "constrained baseline")
# ITU-T H.264, table A-1: level, macroblocks a second, macroblocks a picture.
_H264_LEVELS: Final = (
    (30, 40_500, 1_620),
    (31, 108_000, 3_600),
    (32, 216_000, 5_120),
    (40, 245_760, 8_192),
    (42, 522_240, 8_704),
    (50, 589_824, 22_080),
    (51, 983_040, 36_864),
    (52, 2_073_600, 36_864),
)

_AUDIO_BPS_PER_CHANNEL: Final = 64_000
_LEAST_AUDIO_BPS: Final = 24_000
_SHARE_OF_AUDIO: Final = 6
"""Sound takes a sixth of a narrow line at most."""
_MOST_CHANNELS: Final = {"mp2": 2, "mp3": 2, "ac3": 6, "eac3": 6}
_MOST_CHANNELS_ELSE: Final = 8
_MOST_SAMPLE_RATE_HZ: Final = 48_000
_LEAST_SAMPLE_RATE_HZ: Final = 8_000


def shown_size(video: Stream) -> tuple[int, int]:
    """Return width and height as they are seen: with square pixels, upright."""
    width = max(round((video.width_px or 2) * (video.sample_aspect or 1)), 2)
    height = max(video.height_px or 2, 2)
    return (height, width) if (video.rotation_deg or 0) % 180 else (width, height)


def kept(demands: Iterable[Alternatives]) -> tuple[Condition, ...]:
    """Return the conditions that an encoded stream keeps: of each demand the alternative that leaves most room."""
    widest = (max(alternatives, key=_generosity, default=()) for alternatives in demands)
    return tuple(condition for alternative in widest for condition in alternative)


def encoded_video(video: Stream, source_bps: int, codec: str, room: Room) -> VideoEncoding | None:
    """Return the best picture that there is room for; None when the machine is too slow for any.

    `source_bps` is the bit rate of the original, 0 when unknown.
    """
    rate = max(room.at_most(Fact.FRAME_RATE, video.frame_rate or _USUAL_FRAME_RATE), 1.0)
    line_bps = _LADDER[-1].bitrate_bps if room.bitrate_bps is None else room.bitrate_bps
    available_bps = max(int(room.at_most(Fact.VIDEO_BITRATE, line_bps)), 0)
    level = room.most(Fact.VIDEO_LEVEL)
    for (width, height), rung in reversed(_sizes(video, room).items()):
        is_smooth = codec != "h264" or level is None or _keeps_level(width, height, rate, level)
        is_fast = room.px_per_s is None or width * height * rate <= room.px_per_s
        if is_fast and ((is_smooth and available_bps >= rung.least_bps) or rung is _LADDER[0]):
            useful_bps = source_bps * _TIMES_THE_SOURCE or rung.bitrate_bps
            return VideoEncoding(
                codec=codec,
                profile=_h264_profile(room.conditions) if codec == "h264" else None,
                max_level=None if level is None else int(level),
                width_px=width,
                height_px=height,
                frame_rate=rate if video.frame_rate else None,
                bitrate_bps=max(min(rung.bitrate_bps, available_bps, useful_bps), _LEAST_VIDEO_BPS),
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


def _sizes(video: Stream, room: Room) -> dict[tuple[int, int], _Rung]:
    """Return the sizes that the picture may have, the smallest first, each with its rung."""
    sizes: dict[tuple[int, int], _Rung] = {}
    for rung in _LADDER:
        short_px = min(rung.height_px, room.height_px or rung.height_px)
        sizes.setdefault(_fitted(shown_size(video), short_px, room), rung)
    return sizes


def _fitted(size: tuple[int, int], short_px: int, room: Room) -> tuple[int, int]:
    """Return a picture's size inside of a 16:9 frame, lying or standing, and of what the client takes; even numbers."""
    width, height = size
    long_px = short_px * 16 / 9
    frame = (short_px, long_px) if height > width else (long_px, short_px)
    scale = min(
        room.at_most(Fact.WIDTH, min(width, frame[0])) / width,
        room.at_most(Fact.HEIGHT, min(height, frame[1])) / height,
    )
    return max(int(width * scale) // 2 * 2, 2), max(int(height * scale) // 2 * 2, 2)


def _keeps_level(width: int, height: int, rate: float, level: float) -> bool:
    """Return whether decoders of an H.264 level keep up with a picture; those of the lowest here are the least."""
    blocks = -(-width // 16) * -(-height // 16)
    _, most_a_second, most_a_picture = max(
        (row for row in _H264_LEVELS if row[0] <= level), default=_H264_LEVELS[0]
    )
    return blocks <= most_a_picture and blocks * rate <= most_a_second


def _h264_profile(conditions: Sequence[Condition]) -> str:
    """Return the best profile that the client takes; the simplest if it names none that is made here."""
    for profile in _H264_PROFILES:
        if all(one.holds(profile) for one in conditions if one.fact is Fact.VIDEO_PROFILE):
            return profile
    return _H264_PROFILES[-1]


def _generosity(alternative: Sequence[Condition]) -> tuple[float, int]:
    """Order alternatives by the width of the picture, then by the profile."""
    width = Room(conditions=tuple(alternative)).at_most(Fact.WIDTH, float("inf"))
    return width, -_H264_PROFILES.index(_h264_profile(alternative))
