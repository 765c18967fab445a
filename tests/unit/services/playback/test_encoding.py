"""What pictures and sounds become."""

from typing import Any

import pytest

from server.services.playback.capabilities import Condition
from server.services.playback.encoding import (
    Room,
    encoded_audio,
    encoded_video,
    kept,
)
from server.services.playback.facts import Fact
from tests.helpers.playback import picture, sound


def _room(fact: Fact, most: float, **more: Any) -> Room:
    return Room(conditions=(Condition(fact=fact, at_most=most),), **more)


def _size(room: Room, **changes: Any) -> tuple[int, int] | None:
    made = encoded_video(picture(**changes), 0, "h264", room)
    return (made.width_px, made.height_px) if made else None


@pytest.mark.parametrize(
    ("changes", "room", "expected"),
    [
        ({}, Room(), (1920, 1080)),
        ({"width_px": 7680, "height_px": 4320}, Room(), (3840, 2160)),
        ({"height_px": 800}, Room(), (1920, 800)),
        ({"height_px": 800}, Room(height_px=720), (1280, 532)),
        ({"rotation_deg": 90}, Room(height_px=720), (720, 1280)),
        ({"width_px": 853, "height_px": 480}, Room(), (852, 480)),
        ({}, Room(height_px=1000), (1776, 1000)),
        ({}, _room(Fact.WIDTH, 1280), (1280, 720)),
        ({}, _room(Fact.HEIGHT, 576), (1024, 576)),
        ({}, _room(Fact.WIDTH, -5), (2, 2)),
        ({}, Room(bitrate_bps=8_000_000), (1920, 1080)),
        ({}, Room(bitrate_bps=7_999_999), (1280, 720)),
        ({}, Room(bitrate_bps=2_000_000), (852, 480)),
        ({}, Room(bitrate_bps=-1), (640, 360)),
        ({}, Room(px_per_s=1920 * 1080 * 24), (1920, 1080)),
        ({"frame_rate": 60.0}, Room(px_per_s=1920 * 1080 * 24), (852, 480)),
        ({"frame_rate": 60.0}, _room(Fact.FRAME_RATE, 24, px_per_s=1920 * 1080 * 24), (1920, 1080)),
        ({}, Room(px_per_s=1), None),
        ({"width_px": 3840, "height_px": 2160}, _room(Fact.VIDEO_LEVEL, 51), (3840, 2160)),
        ({"width_px": 3840, "height_px": 2160}, _room(Fact.VIDEO_LEVEL, 41), (1920, 1080)),
        ({"width_px": 3840, "height_px": 2160}, _room(Fact.VIDEO_LEVEL, 31), (1280, 720)),
        ({"frame_rate": 60.0}, _room(Fact.VIDEO_LEVEL, 41), (1280, 720)),
        ({}, _room(Fact.VIDEO_LEVEL, 9), (852, 480)),
        ({}, _room(Fact.FRAME_RATE, -1), (1920, 1080)),
    ],
)  # fmt: skip
def test_a_picture_is_as_large_as_there_is_room(
    changes: dict[str, Any], room: Room, expected: tuple[int, int] | None
) -> None:
    assert _size(room, **changes) == expected


@pytest.mark.parametrize(
    ("source_bps", "room", "expected"),
    [
        (0, Room(), 8_000_000),
        (1_000_000, Room(), 2_000_000),
        (20_000_000, Room(), 8_000_000),
        (0, Room(bitrate_bps=3_500_000), 3_500_000),
        (0, _room(Fact.VIDEO_BITRATE, 2_000_000), 1_500_000),
        (0, Room(bitrate_bps=0), 64_000),
    ],
)
def test_no_more_bits_are_spent_than_help(source_bps: int, room: Room, expected: int) -> None:
    made = encoded_video(picture(), source_bps, "h264", room)
    assert made is not None
    assert made.bitrate_bps == expected


@pytest.mark.parametrize(
    ("channels", "codec", "room", "expected"),
    [
        (2, "aac", Room(), (2, 128_000)),
        (6, "aac", Room(), (6, 384_000)),
        (None, "aac", Room(), (2, 128_000)),
        (64, "aac", Room(), (8, 512_000)),
        (8, "ac3", Room(), (6, 384_000)),
        (6, "mp3", Room(), (2, 128_000)),
        (6, "aac", _room(Fact.AUDIO_CHANNELS, 2), (2, 128_000)),
        (6, "aac", _room(Fact.AUDIO_CHANNELS, 0), (1, 64_000)),
        (6, "aac", Room(bitrate_bps=900_000), (6, 150_000)),
        (2, "aac", Room(bitrate_bps=0), (2, 24_000)),
        (2, "aac", _room(Fact.AUDIO_BITRATE, 96_000), (2, 96_000)),
    ],
)
def test_sound_keeps_its_channels_where_they_fit(
    channels: int | None, codec: str, room: Room, expected: tuple[int, int]
) -> None:
    made = encoded_audio(sound(channel_count=channels), codec, room)
    assert (made.channel_count, made.bitrate_bps) == expected


@pytest.mark.parametrize(
    ("found", "most", "expected"),
    [(96_000, None, 48_000), (44_100, None, 44_100), (48_000, 32_000, 32_000), (1, None, 8_000)],
)
def test_sound_is_sampled_as_often_as_is_heard(found: int, most: int | None, expected: int) -> None:
    room = _room(Fact.AUDIO_SAMPLE_RATE, most) if most else Room()
    assert encoded_audio(sound(sample_rate_hz=found), "aac", room).sample_rate_hz == expected


PROFILE = Fact.VIDEO_PROFILE


@pytest.mark.parametrize(
    ("alternatives", "expected"),
    [
        ([], "high"),
        ([[]], "high"),
        ([[Condition(fact=PROFILE, any_of=("constrained baseline", "main"))]], "main"),
        ([[Condition(fact=PROFILE, any_of=("main",))], [Condition(fact=PROFILE, any_of=("high",))]], "high"),
        ([[Condition(fact=PROFILE, any_of=("high 10",))]], "constrained baseline"),
        ([[Condition(fact=PROFILE, none_of=("high",))]], "main"),
    ],
)  # fmt: skip
def test_the_profile_is_the_best_that_the_client_takes(
    alternatives: list[list[Condition]], expected: str
) -> None:
    made = encoded_video(picture(), 0, "h264", Room(conditions=kept([alternatives])))
    assert made is not None
    assert made.profile == expected


def test_of_alternatives_the_one_with_most_room_is_kept() -> None:
    narrow, wide = (Condition(fact=Fact.WIDTH, at_most=width) for width in (720, 1920))
    slow = Condition(fact=Fact.FRAME_RATE, at_most=30)
    assert kept([[[narrow], [wide, slow]], []]) == (wide, slow)
