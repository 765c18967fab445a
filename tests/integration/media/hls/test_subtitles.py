"""Files of text subtitles, as they lie beside films."""

import random
from contextlib import suppress
from pathlib import Path

import pytest

from server.kernel.workers import WorkerFailed
from server.media.hls.model import ReadSubtitles
from server.media.hls.text import read_subtitles
from server.media.hls.webvtt import Cue, segment
from server.media.model import Reason
from tests.helpers.broken import broken
from tests.helpers.hls import vtt_faults
from tests.helpers.subtitles import subtitle_file

SRT = "1\n00:00:01,000 --> 00:00:02,500\nGrüße, <i>Käthe</i>\n\n2\n00:00:03,000 --> 00:00:04,000\nA & B\n"
VTT = "WEBVTT\n\n00:01.000 --> 00:02.500 line:0\nGrüße, <i>Käthe</i>\n\n00:03.000 --> 00:04.000\nA &amp; B\n"
ASS = subtitle_file("ass", length_s=1, width_px=0, height_px=0).decode() + (
    "Dialogue: 0,0:00:01.00,0:00:02.50,Default,,0,0,0,,Grüße, {\\i1}Käthe{\\i0}\n"
    "Dialogue: 0,0:00:03.00,0:00:04.00,Default,,0,0,0,,A & B\n"
)
GREETING = Cue(start_ms=1_000, end_ms=2_500, text="Grüße, <i>Käthe</i>")
LETTERS = Cue(start_ms=3_000, end_ms=4_000, text="A &amp; B")


def read(folder: Path, content: bytes, name: str = "film.srt") -> list[Cue]:
    path = folder / name
    path.write_bytes(content)
    return read_subtitles(ReadSubtitles(path=bytes(path)))


def reason_of(folder: Path, content: bytes) -> Reason:
    with pytest.raises(WorkerFailed) as failed:
        read(folder, content)
    reason: Reason = failed.value.context["reason"]
    return reason


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("text", [SRT, SRT.replace("\n", "\r\n"), VTT, ASS])
def test_any_usual_form_and_encoding_is_read(tmp_path: Path, text: str, encoding: str) -> None:
    assert read(tmp_path, text.encode(encoding))[-2:] == [GREETING, LETTERS]


def test_the_ending_of_the_name_says_nothing(tmp_path: Path) -> None:
    assert read(tmp_path, VTT.encode(), "film.txt") == [GREETING, LETTERS]


def test_cues_are_in_order_and_markup_of_the_net_is_plain_text(tmp_path: Path) -> None:
    late = "1\n00:00:09,000 --> 00:00:10,000\nlate\n\n"
    odd = "2\n00:00:01,000 --> 00:00:02,000\n<font color=red>a</font> <script>b</script> --> c\n"
    first, last = read(tmp_path, (late + odd).encode())
    assert last.text == "late"
    assert vtt_faults(segment([first, last], 0, 20_000)) == []


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n\n\n",
        b"This is a shopping list: bread, milk, eggs.\n" * 50,
        b"#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXTINF:4,\nfile:///etc/passwd\n",
        b"ffconcat version 1.0\nfile /etc/passwd\n",
        bytes(range(256)) * 100,
        b"\x1aE\xdf\xa3" + bytes(1_000),
        b"\xff\xfe\x00",
    ],
)
def test_what_is_no_subtitles_is_said(tmp_path: Path, content: bytes) -> None:
    assert reason_of(tmp_path, content) in {Reason.UNKNOWN_FORMAT, Reason.EMPTY}


def test_a_file_that_is_gone_is_missing(tmp_path: Path) -> None:
    with pytest.raises(WorkerFailed) as failed:
        read_subtitles(ReadSubtitles(path=bytes(tmp_path / "gone.srt")))
    assert failed.value.context["reason"] == Reason.MISSING


def test_a_file_too_large_to_be_subtitles_is_refused(tmp_path: Path) -> None:
    assert reason_of(tmp_path, SRT.encode() * 100_000) == Reason.UNKNOWN_FORMAT


def test_of_very_many_cues_the_first_are_read(tmp_path: Path) -> None:
    cue = "{0}\n00:00:01,000 --> 00:00:02,000\n{0}\n\n"
    content = "".join(cue.format(number) for number in range(30_000)).encode()
    assert len(read(tmp_path, content)) == 20_000


@pytest.mark.parametrize("text", [SRT, VTT, ASS])
def test_wrong_bytes_end_in_cues_that_can_be_shown_or_in_a_reason(
    tmp_path: Path, text: str
) -> None:
    for seed in range(200):
        content = broken([text.encode()], random.Random(seed))  # noqa: S311  (repeatable, not secret)
        cues: list[Cue] = []
        with suppress(WorkerFailed):
            cues = read(tmp_path, content)
        assert vtt_faults(segment(cues, 0, 10**9)) == []
