import pytest

from server.media.h264 import Profile, codec_string, level_of


@pytest.mark.parametrize(
    ("size", "rate", "expected"),
    [
        ((2, 2), 24, 30),
        ((720, 576), 25, 30),
        ((720, 576), 25.01, 31),
        ((1280, 720), 30, 31),
        ((1920, 1080), 30, 40),
        ((1920, 1080), 60, 42),
        ((3840, 2160), 30, 51),
        ((3840, 2160), 60, 52),
        ((7680, 4320), 120, 62),
        ((100_000, 100_000), 1_000, 62),
    ],
)
def test_the_level_is_the_lowest_that_keeps_up(
    size: tuple[int, int], rate: float, expected: int
) -> None:
    assert level_of(*size, rate) == expected


@pytest.mark.parametrize(
    ("profile", "expected"),
    [("high", "avc1.640028"), ("main", "avc1.4D4028"), ("constrained baseline", "avc1.42C028")],
)
def test_a_profile_and_a_level_have_a_name(profile: Profile, expected: str) -> None:
    assert codec_string(profile, 40) == expected
