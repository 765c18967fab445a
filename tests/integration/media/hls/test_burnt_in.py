"""Subtitles that are pictures, read back out of the film's own."""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import av
import pytest

from server.kernel.workers import WorkerFailed
from server.media.hls.timeline import CLOCK_START_S
from server.media.model import Reason
from tests.helpers.media import Recipe, make_film
from tests.helpers.segments import Made, encoded, made, made_timeline
from tests.helpers.subtitles import Subtitles, bar

SUBTITLES = 2
SIZE = (320, 180)
LEFT_PX, LINE_PX = 128, 164
"""Where the bar begins that stands for a subtitle, and the middle of its height."""

WHITE = 170
NOISE = 4
SUBTITLED = Recipe(length_s=7, subtitles=(Subtitles(format="sup", language="eng"),))


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_film(tmp_path_factory.mktemp("burnt") / "film.mkv", SUBTITLED)


def frames(track: Made) -> Iterator[tuple[float, Any]]:
    with av.open(BytesIO(track.content()), "r") as opened:
        for frame in opened.decode(video=0):
            yield float(frame.time) - CLOCK_START_S, frame


def run(film: Path, *, burnt_in: int | None, name: str, first: int = 0, **changes: Any) -> Made:
    track = encoded(film, burnt_in=burnt_in, preset="veryfast", **changes)
    (video,) = made(film, made_timeline(film), [track], first=first, name=name)
    return video


def luma(frame: Any, x: int, y: int) -> int:
    plane = frame.planes[0]
    return bytes(plane)[y * int(plane.line_size) + x]


def difference(before: Any, after: Any, left_out: range) -> float:
    """Return by how much each pixel of some lines differs, on average, but for some columns."""
    places = [
        (x, y)
        for y in range(0, before.height, 5)
        for x in range(0, before.width, 3)
        if x not in left_out
    ]
    plains, burnts = (bytes(frame.planes[0]) for frame in (before, after))
    step = int(before.planes[0].line_size)
    total = sum(abs(plains[y * step + x] - burnts[y * step + x]) for x, y in places)
    return total / len(places)


@pytest.mark.parametrize("size", [SIZE, (160, 90), (320, 240)])
def test_a_subtitle_is_seen_in_its_time_at_its_place_and_nowhere_else(
    film: Path, size: tuple[int, int]
) -> None:
    width, height = size
    scale = width / SIZE[0]
    middle = round(height / 2 + (LINE_PX - SIZE[1] / 2) * scale)
    changes = {"width_px": width, "height_px": height}
    plain = frames(run(film, burnt_in=None, name=f"plain{width}{height}", **changes))
    burnt = frames(run(film, burnt_in=SUBTITLES, name=f"burnt{width}{height}", **changes))
    for (time, before), (_, after) in zip(plain, burnt, strict=True):
        second = int(time + 0.001)
        white = bar(second)[0].count(1)
        start, end = (round((LEFT_PX + 4 + x) * scale) for x in (0, white))
        if time - second < 0.5:
            assert luma(after, (start + end) // 2, middle) > WHITE
            assert difference(before, after, range(start - 2, end + 2)) < NOISE
        else:
            assert difference(before, after, range(0)) < NOISE


def test_a_subtitle_that_began_before_a_jump_is_seen(tmp_path: Path) -> None:
    late = Recipe(length_s=7, subtitles=(Subtitles(format="sup", language="eng", late_s=0.7),))
    film = make_film(tmp_path / "film.mkv", late)
    jumped = run(film, burnt_in=SUBTITLES, name="jump", first=2)
    time, first = next(frames(jumped))
    assert time == pytest.approx(2, abs=0.05)
    assert luma(first, LEFT_PX + 6, LINE_PX) > WHITE


def test_text_cannot_be_burnt_in(tmp_path: Path) -> None:
    text = Recipe(subtitles=(Subtitles(format="srt", language="eng"),))
    film = make_film(tmp_path / "film.mkv", text)
    with pytest.raises(WorkerFailed) as failed:
        run(film, burnt_in=SUBTITLES, name="text")
    assert failed.value.context["reason"] == Reason.UNSUPPORTED
