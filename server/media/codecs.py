"""Codec strings of RFC 6381, from the bytes that a container keeps for its decoder. Pure.

Sources: ISO/IEC 14496-15 (avcC, hvcC; annex E of it for the HEVC string), the AV1 ISOBMFF binding (section 5),
the VP codec ISOBMFF binding (codecs parameter), ISO/IEC 14496-3 (AudioSpecificConfig), RFC 9639 (flac).
"""

# ruff: noqa: PLR2004 - the numbers are offsets and codes out of the standards named above

from collections.abc import Callable

from msgspec import Struct


class CodecFacts(Struct, frozen=True, kw_only=True):
    """What the string depends on: FFmpeg's names, the container's four-character tag, the decoder's bytes."""

    codec: str
    tag: str = ""
    extradata: bytes = b""
    profile: str | None = None
    level: int | None = None
    bit_depth: int = 8
    width_px: int = 0
    height_px: int = 0
    frame_rate: float | None = None


def codec_string(facts: CodecFacts) -> str | None:
    """Return the RFC 6381 string, None where none is known: no browser plays such a stream."""
    made = _MADE.get(facts.codec)
    return made(facts) if made else _PLAIN.get(facts.codec)


_PLAIN = {
    "vp8": "vp8",
    "theora": "theora",
    "opus": "opus",
    "vorbis": "vorbis",
    "flac": "flac",
    "mp3": "mp3",
    "ac3": "ac-3",
    "eac3": "ec-3",
    "alac": "alac",
}

_AVC_PROFILES = {
    "Constrained Baseline": (0x42, 0x40),
    "Baseline": (0x42, 0x00),
    "Main": (0x4D, 0x00),
    "Extended": (0x58, 0x00),
    "High": (0x64, 0x00),
    "High 10": (0x6E, 0x00),
    "High 4:2:2": (0x7A, 0x00),
    "High 4:4:4 Predictive": (0xF4, 0x00),
}


def _avc(facts: CodecFacts) -> str | None:
    name = "avc3" if facts.tag == "avc3" else "avc1"
    extradata = facts.extradata
    if len(extradata) >= 4 and extradata[0] == 1:
        return f"{name}.{extradata[1:4].hex().upper()}"
    for unit in nal_units(extradata):
        if unit[0] & 0x1F == 7 and len(unit) >= 4:  # a sequence parameter set
            return f"{name}.{unit[1:4].hex().upper()}"
    profile = _AVC_PROFILES.get(facts.profile or "")
    if profile is None or facts.level is None or not 0 < facts.level < 256:
        return None
    return f"{name}.{profile[0]:02X}{profile[1]:02X}{facts.level:02X}"


def _hevc(facts: CodecFacts) -> str | None:
    name = "hev1" if facts.tag == "hev1" else "hvc1"
    extradata = facts.extradata
    if len(extradata) >= 13 and extradata[0] == 1:
        return f"{name}.{_hevc_tier(extradata[1:13])}"
    for unit in nal_units(extradata):
        parameters = unit.replace(b"\x00\x00\x03", b"\x00\x00")  # emulation prevention
        if unit[0] >> 1 & 0x3F == 33 and len(parameters) >= 15:  # a sequence parameter set
            return f"{name}.{_hevc_tier(parameters[3:15])}"
    return None


def _hevc_tier(ptl: bytes) -> str:
    """Return profile, compatibility, tier with level, and constraints out of a `profile_tier_level`."""
    space = ("", "A", "B", "C")[ptl[0] >> 6]
    tier = "H" if ptl[0] & 0x20 else "L"
    compatibility = int(f"{int.from_bytes(ptl[1:5]):032b}"[::-1], 2)
    constraints = ptl[5:11].rstrip(b"\x00")
    parts = [f"{space}{ptl[0] & 0x1F}", f"{compatibility:X}", f"{tier}{ptl[11]}"]
    return ".".join([*parts, *(f"{byte:X}" for byte in constraints)])


def _av1(facts: CodecFacts) -> str | None:
    extradata = facts.extradata
    if len(extradata) < 4 or extradata[0] != 0x81:  # marker 1, version 1
        return None
    profile, level = extradata[1] >> 5, extradata[1] & 0x1F
    tier = "H" if extradata[2] & 0x80 else "M"
    has_high_depth, is_twelve_bit = extradata[2] & 0x40, extradata[2] & 0x20
    depth = (12 if is_twelve_bit else 10) if has_high_depth else 8
    return f"av01.{profile}.{level:02}{tier}.{depth:02}"


def _vp9(facts: CodecFacts) -> str:
    last = (facts.profile or "")[-1:]  # FFmpeg says "Profile 2"
    profile = int(last) if last in {"0", "1", "2", "3"} else 0
    return f"vp09.{profile:02}.{_vp9_level(facts)}.{facts.bit_depth:02}"


# Level, luma samples a second, luma samples a picture: webmproject.org/vp9/levels
_VP9_LEVELS = (
    (10, 829_440, 36_864),
    (11, 2_764_800, 73_728),
    (20, 4_608_000, 122_880),
    (21, 9_216_000, 245_760),
    (30, 20_736_000, 552_960),
    (31, 36_864_000, 983_040),
    (40, 83_558_400, 2_228_224),
    (41, 160_432_128, 2_228_224),
    (50, 311_951_360, 8_912_896),
    (51, 588_251_136, 8_912_896),
    (52, 1_176_502_272, 8_912_896),
    (60, 1_176_502_272, 35_651_584),
    (61, 2_353_004_544, 35_651_584),
)


def _vp9_level(facts: CodecFacts) -> int:
    """Return the lowest level that holds the stream: Matroska does not say which one it was made for."""
    picture = facts.width_px * facts.height_px
    rate = picture * (facts.frame_rate or 30)
    fitting = (level for level, top_rate, top in _VP9_LEVELS if rate <= top_rate and picture <= top)
    return next(fitting, 62)


_AAC_PROFILES = {"Main": 1, "LC": 2, "SSR": 3, "LTP": 4, "HE-AAC": 5, "HE-AACv2": 29, "xHE-AAC": 42}
_ESCAPED = 31


def _aac(facts: CodecFacts) -> str:
    return f"mp4a.40.{_aac_object_type(facts)}"


def _aac_object_type(facts: CodecFacts) -> int:
    if len(facts.extradata) < 2:
        return _AAC_PROFILES.get(facts.profile or "", 2)
    first = int.from_bytes(facts.extradata[:2])
    object_type = first >> 11
    return 32 + (first >> 5 & 0x3F) if object_type == _ESCAPED else object_type or 2


def nal_units(data: bytes) -> list[bytes]:
    """Return the units of an H.264 or H.265 byte stream (annex B), without start codes, none empty."""
    if not data.startswith((b"\x00\x00\x01", b"\x00\x00\x00\x01")):
        return []
    return [unit.rstrip(b"\x00") for unit in data.split(b"\x00\x00\x01") if unit.rstrip(b"\x00")]


_MADE: dict[str, Callable[[CodecFacts], str | None]] = {
    "h264": _avc,
    "hevc": _hevc,
    "av1": _av1,
    "vp9": _vp9,
    "aac": _aac,
}
