import pytest

from server.media.containers import container_name, ebml_doctype, is_film_head, media_type
from server.media.model import Stream

_WEBM = bytes.fromhex("1a45dfa39f4286810142f7810142f2810442f381084282847765626d4287810442858102")
_MATROSKA = bytes.fromhex("1a45dfa3a3428681014282886d6174726f736b614287810442858102")
_MP4 = "mov,mp4,m4a,3gp,3g2,mj2"


@pytest.mark.parametrize(
    ("format_name", "head", "brand", "expected"),
    [
        ("matroska,webm", _WEBM, "", "webm"),
        ("matroska,webm", _MATROSKA, "", "matroska"),
        ("matroska,webm", b"", "", "matroska"),
        (_MP4, b"", "isom", "mp4"),
        (_MP4, b"", "qt  ", "mov"),
        (_MP4, b"", "3gp5", "3gp"),
        (_MP4, b"", "3g2a", "3g2"),
        (_MP4, b"", "", "mp4"),
        ("mpegts", b"", "", "mpegts"),
        ("mpegvideo", b"", "", "mpeg"),
        ("avi", b"", "", "avi"),
    ],
)
def test_containers_have_short_names(
    format_name: str, head: bytes, brand: str, expected: str
) -> None:
    assert container_name(format_name, head=head, major_brand=brand) == expected


@pytest.mark.parametrize(
    "head", [b"", _WEBM[:5], _WEBM[:20], b"\x1a\x45\xdf\xa3\x42\x82", b"text" * 9]
)
def test_a_head_without_a_doctype_has_none(head: bytes) -> None:
    assert ebml_doctype(head) in {b"", b"w", b"we"}


def test_the_media_type_names_the_first_video_and_the_first_audio_stream() -> None:
    streams = [
        Stream(index=0, kind="attachment", codec="mjpeg"),
        Stream(index=1, kind="audio", codec="aac", codecs="mp4a.40.2"),
        Stream(index=2, kind="video", codec="h264", codecs="avc1.640028"),
        Stream(index=3, kind="audio", codec="dts"),
        Stream(index=4, kind="subtitle", codec="subrip"),
    ]
    assert media_type("mp4", streams) == 'video/mp4; codecs="avc1.640028, mp4a.40.2"'


def test_a_codec_without_a_string_stands_by_its_name_so_that_no_browser_claims_it() -> None:
    streams = [Stream(index=0, kind="video", codec="mpeg2video")]
    assert media_type("mpegts", streams) == 'video/mp2t; codecs="mpeg2video"'
    assert media_type("strange", []) == "video/x-strange"


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (_WEBM, True),
        (b"\x00\x00\x00\x20ftypisom", True),
        (b"RIFF....AVI ", True),
        (b"Hello", False),
        (b"", False),
    ],
)
def test_a_film_is_known_by_its_first_bytes(head: bytes, *, expected: bool) -> None:
    assert is_film_head(head) is expected
