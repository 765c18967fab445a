import pytest

from server.media.codecs import CodecFacts, codec_string, nal_units

_SPS_H264 = bytes.fromhex("67640028acd940780227e5")
_SPS_HEVC = bytes.fromhex("420101016000000300900000030000030078a0")


def _facts(codec: str, **changes: object) -> CodecFacts:
    return CodecFacts(codec=codec, **changes)  # type: ignore[arg-type]  # a table gives the fields


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        (_facts("h264", extradata=bytes.fromhex("0164002affe1")), "avc1.64002A"),
        (_facts("h264", extradata=bytes.fromhex("0142c00dffe1"), tag="avc1"), "avc1.42C00D"),
        (_facts("h264", extradata=bytes.fromhex("014d401fffe1"), tag="avc3"), "avc3.4D401F"),
        (_facts("h264", extradata=b"\x00\x00\x00\x01" + _SPS_H264 + b"\x00\x00\x01\x68\xeb"), "avc1.640028"),
        (_facts("h264", profile="Main", level=31), "avc1.4D001F"),
        (_facts("h264", profile="Constrained Baseline", level=30), "avc1.42401E"),
        (_facts("h264", profile="Main"), None),
        (_facts("h264", profile="Cavlc 4:4:4", level=30), None),
        (_facts("h264", profile="High", level=-99), None),
        (_facts("hevc", extradata=bytes.fromhex("0101600000009000000000005d")), "hvc1.1.6.L93.90"),
        (_facts("hevc", extradata=bytes.fromhex("01022000000090000000000099"), tag="hev1"), "hev1.2.4.L153.90"),
        (_facts("hevc", extradata=bytes.fromhex("01a1c00000009008000000007b")), "hvc1.B1.3.H123.90.8"),
        (_facts("hevc", extradata=b"\x00\x00\x01" + _SPS_HEVC), "hvc1.1.6.L120.90"),
        (_facts("hevc"), None),
        (_facts("av1", extradata=bytes.fromhex("81040c00")), "av01.0.04M.08"),
        (_facts("av1", extradata=bytes.fromhex("812dec00")), "av01.1.13H.12"),
        (_facts("av1", extradata=bytes.fromhex("81084c00")), "av01.0.08M.10"),
        (_facts("av1"), None),
        (_facts("vp9", width_px=1920, height_px=1080, frame_rate=24.0, profile="Profile 0"), "vp09.00.40.08"),
        (_facts("vp9", width_px=1920, height_px=1080, frame_rate=60.0), "vp09.00.41.08"),
        (_facts("vp9", width_px=3840, height_px=2160, profile="Profile 2", bit_depth=10), "vp09.02.50.10"),
        (_facts("vp9", width_px=60_000, height_px=60_000), "vp09.00.62.08"),
        (_facts("vp8"), "vp8"),
        (_facts("aac", extradata=bytes.fromhex("1190")), "mp4a.40.2"),
        (_facts("aac", extradata=bytes.fromhex("2b8a")), "mp4a.40.5"),
        (_facts("aac", extradata=bytes.fromhex("f948")), "mp4a.40.42"),
        (_facts("aac", profile="HE-AACv2"), "mp4a.40.29"),
        (_facts("aac"), "mp4a.40.2"),
        (_facts("opus"), "opus"),
        (_facts("vorbis"), "vorbis"),
        (_facts("flac"), "flac"),
        (_facts("mp3"), "mp3"),
        (_facts("ac3"), "ac-3"),
        (_facts("eac3"), "ec-3"),
        (_facts("dts"), None),
        (_facts(""), None),
    ],
)  # fmt: skip
def test_a_stream_gets_its_rfc_6381_string(facts: CodecFacts, expected: str | None) -> None:
    assert codec_string(facts) == expected


@pytest.mark.parametrize("codec", ["h264", "hevc", "av1", "vp9", "aac"])
@pytest.mark.parametrize("length", range(20))
def test_cut_off_extradata_never_raises(codec: str, length: int) -> None:
    for first in (b"\x01", b"\x81", b"\x00\x00\x01\x67", b"\x00\x00\x01\x42", b"\xff"):
        codec_string(_facts(codec, extradata=(first + bytes(range(20)))[:length]))


def test_a_byte_stream_is_split_at_both_forms_of_start_code() -> None:
    assert nal_units(b"\x00\x00\x00\x01\x67\x01\x00\x00\x01\x68\x02") == [b"\x67\x01", b"\x68\x02"]
    assert nal_units(b"\x01\x64") == []
