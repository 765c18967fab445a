"""What a browser is sent of films that FFmpeg really wrote and the probe really read."""

from pathlib import Path

import pytest

from server.media.probe import probe
from server.services.playback.browser_reports import capabilities_of_browser
from server.services.playback.decision import decide
from server.services.playback.plans import all_reasons
from server.services.playback.selection import Wish
from tests.helpers.media import make_film
from tests.helpers.playback import CHROMIUM

BROWSER = capabilities_of_browser(CHROMIUM)


@pytest.mark.parametrize(
    ("name", "method", "codes"),
    [
        ("vp9_opus.webm", "direct_play", []),
        ("vp8_opus.webm", "direct_play", []),
        ("av1_opus.webm", "direct_play", []),
        ("h264_aac.mkv", "remux", ["container_not_supported"]),
        ("silent.mkv", "remux", ["container_not_supported"]),
        ("turned.mp4", "direct_play", []),
        ("interlaced.mkv", "transcode", ["container_not_supported", "interlaced_video_not_supported"]),
        ("hevc_ac3.mkv", "transcode", ["container_not_supported", "video_codec_not_supported", "audio_codec_not_supported"]),
        ("mpeg2_mp2.ts", "transcode", ["container_not_supported", "video_codec_not_supported", "audio_codec_not_supported"]),
    ],
)  # fmt: skip
def test_a_real_film_reaches_a_browser(
    tmp_path: Path, name: str, method: str, codes: list[str]
) -> None:
    decision = decide(probe(bytes(make_film(tmp_path / name))), BROWSER)
    assert decision.method == method
    assert [reason.code for reason in all_reasons(decision)] == codes


def test_real_subtitles_are_chosen_by_language(tmp_path: Path) -> None:
    media = probe(bytes(make_film(tmp_path / "hevc_ac3.mkv")))
    signs, french = (
        decide(media, BROWSER, wish=wish).subtitle
        for wish in (Wish(audio_languages=("de",)), Wish(subtitle_languages=("fr",)))
    )
    assert signs is not None
    assert (signs.action, signs.format) == ("external", "webvtt")
    assert french is not None
    assert french.action == "burn_in"
