"""What a browser reports, as capabilities."""

import msgspec
import pytest

from server.media.model import Stream
from server.services.playback.browser_reports import (
    AudioReport,
    BrowserReport,
    ContainerReport,
    VideoReport,
    capabilities_of_browser,
)
from server.services.playback.capabilities import Form
from server.services.playback.decision import decide
from server.services.playback.plans import Method, all_reasons
from tests.helpers.playback import CHROMIUM, film, picture, sound

MP4 = ContainerReport(container="mp4", video_codecs=("hevc",), audio_codecs=("aac",))


def _codes(video: Stream, *reports: VideoReport) -> list[str]:
    report = BrowserReport(files=(MP4,), video=reports, audio=(AudioReport(codec="aac"),))
    decision = decide(film(video, sound()), capabilities_of_browser(report))
    found = [str(reason.code) for reason in all_reasons(decision)]
    return [code for code in found if code != "transcoding_not_offered"]


@pytest.mark.parametrize(
    ("report", "code"),
    [
        (VideoReport(codec="hevc"), None),
        (VideoReport(codec="hevc", profile="main"), None),
        (VideoReport(codec="hevc", profile="main 10"), "video_profile_not_supported"),
        (VideoReport(codec="hevc", max_level=93), "video_level_not_supported"),
        (VideoReport(codec="hevc", max_width_px=1280), "video_resolution_not_supported"),
        (VideoReport(codec="hevc", max_height_px=720), "video_resolution_not_supported"),
        (VideoReport(codec="hevc", max_frame_rate=23.9), "video_framerate_not_supported"),
        (VideoReport(codec="vp9"), "video_codec_not_supported"),
    ],
)
def test_a_film_must_fit_what_is_reported(report: VideoReport, code: str | None) -> None:
    assert _codes(picture("hevc", level=120), report) == ([code] if code else [])


def test_several_reports_of_a_codec_are_alternatives() -> None:
    flat = VideoReport(codec="hevc", profile="main", max_width_px=3840)
    deep = VideoReport(codec="hevc", profile="main 10", max_width_px=1280, max_bit_depth=10)
    assert _codes(picture("hevc"), flat, deep) == []
    assert _codes(picture("hevc", profile="Main 10", bit_depth=10), flat, deep) == [
        "video_resolution_not_supported"
    ]


@pytest.mark.parametrize(
    ("video", "transfers", "plays"),
    [
        (picture("hevc", transfer="pq"), ("sdr",), False),
        (picture("hevc", transfer="pq"), ("sdr", "pq"), True),
        (picture("hevc", transfer="hlg"), ("sdr", "pq"), False),
        (picture("hevc", transfer="pq", dolby_vision="8.1"), ("pq",), True),
        (picture("hevc", transfer="hlg", dolby_vision="8.4"), ("pq",), False),
        (picture("hevc", dolby_vision="8.2"), ("sdr",), True),
        (picture("hevc", dolby_vision="5.0"), ("sdr", "pq", "hlg"), False),
        (picture("hevc", transfer=None), ("sdr",), True),
    ],
)
def test_colours_play_where_they_are_shown_right(
    video: Stream, transfers: tuple[str, ...], *, plays: bool
) -> None:
    report = msgspec.convert({"codec": "hevc", "transfers": transfers}, VideoReport)
    assert _codes(video, report) == ([] if plays else ["video_range_type_not_supported"])


def test_a_codec_without_a_report_of_its_own_does_not_count() -> None:
    report = BrowserReport(files=(MP4,), hls=MP4)
    capabilities = capabilities_of_browser(report)
    assert decide(film(picture("hevc"), sound()), capabilities).method is Method.IMPOSSIBLE
    (target,) = capabilities.targets
    assert (target.form, target.video_codecs) == (Form("hls", "mp4"), ())


def test_channels_are_counted() -> None:
    report = msgspec.structs.replace(
        CHROMIUM, audio=(AudioReport(codec="aac", max_channel_count=2),)
    )
    decision = decide(film(picture(), sound(channel_count=6)), capabilities_of_browser(report))
    assert decision.audio is not None
    assert decision.audio.encoding is not None
    assert decision.audio.encoding.channel_count == 2


def test_an_empty_report_is_one() -> None:
    report = msgspec.json.decode(b"{}", type=BrowserReport)
    assert decide(film(), capabilities_of_browser(report)).method is Method.IMPOSSIBLE


@pytest.mark.parametrize(
    "text",
    [
        b"[]",
        b'{"files": null}',
        b'{"unknown": 1}',
        b'{"max_bitrate_bps": 0}',
        b'{"video": [{}]}',
        b'{"video": [{"codec": "HEVC"}]}',
        b'{"video": [{"codec": "hevc", "max_frame_rate": -1}]}',
        b'{"video": [{"codec": "hevc", "transfers": []}]}',
        b'{"video": [{"codec": "hevc", "max_level": 1e30}]}',
        b'{"subtitles": [' + b",".join([b'"a"'] * 21) + b"]}",
    ],
)
def test_a_report_is_read_strictly(text: bytes) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(text, type=BrowserReport)
