"""What H.264 calls its pictures: profiles, levels, and the string that names both. Pure."""

from typing import Final, Literal, get_args

type Profile = Literal["high", "main", "constrained baseline"]

PROFILES: Final[tuple[Profile, ...]] = get_args(Profile.__value__)
"""Those that we make, the best first."""

_BYTES: Final[dict[Profile, str]] = {"high": "6400", "main": "4D40", "constrained baseline": "42C0"}
_MACROBLOCK_PX: Final = 16
# ITU-T H.264, table A-1: level times ten, macroblocks a second, macroblocks a picture.
_LEVELS: Final = (
    (30, 40_500, 1_620),
    (31, 108_000, 3_600),
    (32, 216_000, 5_120),
    (40, 245_760, 8_192),
    (42, 522_240, 8_704),
    (50, 589_824, 22_080),
    (51, 983_040, 36_864),
    (52, 2_073_600, 36_864),
    (60, 4_177_920, 139_264),
    (61, 8_355_840, 139_264),
    (62, 16_711_680, 139_264),
)
LEAST_LEVEL: Final = _LEVELS[0][0]
"""What every decoder is taken for; there are lower levels, of pictures that nobody watches."""


def level_of(width_px: int, height_px: int, frame_rate: float) -> int:
    """Return the lowest level, times ten, whose decoders keep up with a picture; the highest where none does."""
    blocks = -(-width_px // _MACROBLOCK_PX) * -(-height_px // _MACROBLOCK_PX)
    fits = (
        level for level, rate, size in _LEVELS if blocks <= size and blocks * frame_rate <= rate
    )
    return next(fits, _LEVELS[-1][0])


def codec_string(profile: Profile, level: int) -> str:
    """Return the string of RFC 6381 for a profile and a level times ten."""
    return f"avc1.{_BYTES[profile]}{level:02X}"
