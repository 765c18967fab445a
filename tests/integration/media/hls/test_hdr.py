"""Films in HDR beside what they show in SDR."""

from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import Any, get_args

import av
import pytest

from server.media.probe import probe
from tests.helpers.hdr import PATCH_PX, PATCHES, Light, hdr_film, patches, shown
from tests.helpers.segments import encoded, made, made_timeline

CASES = [
    (light, encoder) for light in get_args(Light.__value__) for encoder in ("libx265", "libsvtav1")
]
GREYS, COLOURS, EXTREMES = range(3)


def screen(folder: Path, light: Light, encoder: str) -> list[list[tuple[float, float, float]]]:
    """Return what the middle of each patch is shown as."""
    film = hdr_film(folder / "hdr.mkv", light, patches(), encoder)
    assert probe(bytes(film)).streams[0].transfer == light
    (video,) = made(film, made_timeline(film), [encoded(film, preset="veryfast")])
    with av.open(BytesIO(video.content()), "r") as opened:
        frame: Any = list(opened.decode(video=0))[-1]
    assert [int(code) for code in (frame.color_primaries, frame.color_trc, frame.colorspace)] == [
        1
    ] * 3
    middles = [place * PATCH_PX + PATCH_PX // 2 for place in range(8)]
    return [[shown(frame, x, y) for x in middles] for y in middles[: len(PATCHES)]]


@pytest.mark.parametrize(("light", "encoder"), CASES)
def test_hdr_looks_as_its_original_with_highlights_bent(
    tmp_path: Path, light: Light, encoder: str
) -> None:
    found = screen(tmp_path, light, encoder)
    for expected, grey in zip(PATCHES[GREYS], found[GREYS], strict=True):
        assert max(grey) - min(grey) < 0.03
        darker = expected[0] - sum(grey) / 3
        assert abs(darker) < 0.03 if expected[0] <= 0.7 else 0 < darker < 0.15
    brightness = [sum(grey) for grey in found[GREYS]]
    assert all(before < after for before, after in pairwise(brightness))
    for expected, colour in zip(PATCHES[COLOURS], found[COLOURS], strict=True):
        assert colour == pytest.approx(expected, abs=0.06)
    for expected, colour in zip(PATCHES[EXTREMES], found[EXTREMES], strict=True):
        for wanted, value in zip(expected, colour, strict=True):
            assert value > 0.85 if wanted == 1 else value < wanted + 0.45
