from typing import Any

import pytest
from msgspec.structs import replace

from server.media.hls.filters import SCREEN, Colours, Look, filters, meant_colours, shown_colours

OPEN = Colours(primaries=2, transfer=2, matrix=2, range=0)
PQ = Colours(primaries=9, transfer=16, matrix=9, range=1)
PLAIN = Look(
    width_px=1920,
    height_px=1080,
    pixel_format="yuv420p",
    colours=SCREEN,
    turn_deg=0,
    is_interlaced=False,
)


def names(size: tuple[int, int] = (1920, 1080), **changes: Any) -> list[str]:
    return [name for name, _ in filters(replace(PLAIN, **changes), *size, table_path="t.cube")]


END = ["format", "setsar"]


@pytest.mark.parametrize(
    ("changes", "size", "expected"),
    [
        ({}, (1920, 1080), []),
        ({}, (1280, 720), ["scale", *END]),
        ({"is_interlaced": True}, (1920, 1080), ["bwdif", *END]),
        ({"pixel_format": "yuv420p10le"}, (1920, 1080), ["scale", *END]),
        ({"pixel_format": "yuvj420p"}, (1920, 1080), ["scale", *END]),
        ({"colours": replace(SCREEN, range=2)}, (1920, 1080), ["scale", *END]),
        ({"colours": replace(SCREEN, matrix=0)}, (1920, 1080), ["scale", *END]),
        ({"turn_deg": 90}, (1080, 1920), ["transpose", *END]),
        ({"turn_deg": 180}, (1920, 1080), ["hflip", "vflip", *END]),
        ({"turn_deg": 270}, (720, 1280), ["scale", "transpose", *END]),
        ({"colours": PQ}, (1280, 720), ["scale", "format", "lut3d", "scale", *END]),
    ],
)
def test_a_picture_passes_only_what_it_needs(
    changes: dict[str, Any], size: tuple[int, int], expected: list[str]
) -> None:
    assert names(size, **changes) == expected


def test_a_picture_is_scaled_before_it_is_turned() -> None:
    (_, scale), *_ = filters(replace(PLAIN, turn_deg=90), 720, 1280)
    assert (scale["w"], scale["h"]) == ("1280", "720")


@pytest.mark.parametrize(
    ("colours", "height_px", "expected"),
    [
        (OPEN, 1080, (1, 1, 1)),
        (OPEN, 480, (6, 6, 6)),
        (replace(OPEN, primaries=5, matrix=5), 1080, (5, 1, 5)),
        (replace(SCREEN, matrix=0), 480, (1, 1, 1)),
        (PQ, 2160, (1, 1, 1)),
    ],
)
def test_what_a_film_leaves_open_is_what_players_guess(
    colours: Colours, height_px: int, expected: tuple[int, int, int]
) -> None:
    found = shown_colours(replace(PLAIN, colours=colours, height_px=height_px))
    assert (found.primaries, found.transfer, found.matrix) == expected
    assert found.range == 1


def test_hdr_that_says_no_more_is_wide() -> None:
    assert meant_colours(replace(OPEN, transfer=16)) == replace(PQ, range=0)
    assert meant_colours(replace(PQ, matrix=10)).matrix == 10
    assert meant_colours(OPEN) == OPEN
