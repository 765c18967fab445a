import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.media.hls.webvtt import Cue, cue_from_event, segment
from tests.helpers.hls import vtt_faults

CUES = [
    Cue(start_ms=500, end_ms=1_500, text="first"),
    Cue(start_ms=1_000, end_ms=7_000, text="long"),
    Cue(start_ms=3_600_000, end_ms=3_601_000, text="late", is_at_top=True),
]


def event(text: str) -> str:
    return f"0,0,Default,,0,0,0,,{text}"


def text_of(body: str) -> str | None:
    cue = cue_from_event(event(body), 0, 1_000)
    return cue.text if cue else None


def test_a_segment_holds_what_is_shown_within_it() -> None:
    assert segment(CUES, 3_000, 6_000) == (
        "WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:900000,LOCAL:00:00:00.000\n"
        "\n00:00:01.000 --> 00:00:07.000\nlong\n"
    )


def test_times_are_those_of_the_film_in_every_segment() -> None:
    text = segment(CUES, 3_599_000, 3_602_000)
    assert "01:00:00.000 --> 01:00:01.000 line:0\nlate\n" in text
    assert vtt_faults(text) == []


@pytest.mark.parametrize(("start_ms", "end_ms"), [(0, 500), (7_000, 9_000)])
def test_a_segment_without_words_is_a_file_all_the_same(start_ms: int, end_ms: int) -> None:
    text = segment(CUES, start_ms, end_ms)
    assert text == "WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:900000,LOCAL:00:00:00.000\n"
    assert vtt_faults(text) == []


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("plain, with a comma", "plain, with a comma"),
        (r"two\Nlines\nthree", "two\nlines\nthree"),
        (r"{\i1}slanted{\i0} upright", "<i>slanted</i> upright"),
        (r"{\b1\i1}both{\b0} one", "<b><i>both</i></b><i> one</i>"),
        (r"{\i1}never closed", "<i>never closed</i>"),
        (r"{\i0}never opened", "never opened"),
        (r"{\pos(1,2)\fad(1,2)\c&H00FF00&}green", "green"),
        (r"{\iclip(1,2)}shape {\bord3}border", "shape border"),
        (r"{\p1}m 0 0 l 100 0 100 100{\p0}Title", "Title"),
        ("a < b & c > d --> e", "a &lt; b &amp; c &gt; d --&gt; e"),
        (r"hard\hspace", "hard\N{NO-BREAK SPACE}space"),
        ("line\n\nempty line", "line\nempty line"),
        (r"\N\N\Nlate", "late"),
        ("", None),
        (r"{\i1}{\i0}", None),
        (r"{\p1}m 0 0 l 100 0", None),
        ("   ", None),
    ],
)
def test_events_become_text(body: str, text: str | None) -> None:
    assert text_of(body) == text


@pytest.mark.parametrize(("body", "is_at_top"), [(r"{\an8}sign", True), (r"{\an2}line", False)])
def test_what_stands_at_the_top_stays_there(body: str, is_at_top: bool) -> None:
    cue = cue_from_event(event(body), 0, 1)
    assert cue is not None
    assert cue.is_at_top is is_at_top


@pytest.mark.parametrize("end_ms", [1_000, 0, -1])
def test_an_event_that_lasts_no_time_is_none(end_ms: int) -> None:
    assert cue_from_event(event("text"), 1_000, end_ms) is None


def test_an_event_of_too_few_fields_is_no_error() -> None:
    assert cue_from_event("no commas at all", 0, 1) is not None


@given(st.text(alphabet="ab{}\\iNbu01p<>&-,\n\r ", max_size=60))
def test_nothing_breaks_out_of_its_cue(body: str) -> None:
    cue = cue_from_event(event(body), 0, 1_000)
    assert vtt_faults(segment([cue] if cue else [], 0, 1_000)) == []
