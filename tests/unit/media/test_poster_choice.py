import struct

import pytest

from server.media.poster import fitted, score
from server.media.probe import rotation_deg, sample_aspect


def test_a_picture_beats_a_title_card_and_that_beats_black() -> None:
    picture = score(mean=105, deviation=58, entropy_bits=7.3)
    dim_picture = score(mean=45, deviation=35, entropy_bits=6.2)
    title_card = score(mean=14, deviation=45, entropy_bits=1.1)
    black = score(mean=0, deviation=0.4, entropy_bits=0.2)
    white = score(mean=255, deviation=0.0, entropy_bits=0.0)
    assert picture > dim_picture > title_card > black >= white == 0


@pytest.mark.parametrize(
    ("size", "most_width_px", "expected"),
    [
        ((1920, 1080), 600, (600, 338)),
        ((320, 180), 600, (320, 180)),
        ((768, 576), 600, (600, 450)),
        ((1080, 1920), 600, (600, 1067)),
        ((8, 8000), 600, (2, 1800)),
        ((16_000, 2), 600, (600, 1)),
    ],
)
def test_a_picture_is_shrunk_to_a_width_and_never_enlarged(
    size: tuple[int, int], most_width_px: int, expected: tuple[int, int]
) -> None:
    assert fitted(*size, most_width_px) == expected


_ONE = 1 << 16


@pytest.mark.parametrize(
    ("turn", "expected"),
    [
        ((_ONE, 0, 0, _ONE), 0),
        ((0, _ONE, -_ONE, 0), 90),
        ((-_ONE, 0, 0, -_ONE), 180),
        ((0, -_ONE, _ONE, 0), 270),
        ((0, 0, 0, 0), 0),
    ],
)
def test_a_display_matrix_says_how_a_picture_is_turned(
    turn: tuple[int, ...], expected: int
) -> None:
    a, b, c, d = turn
    assert rotation_deg(struct.pack("=9i", a, b, 0, c, d, 0, 0, 0, 1 << 30)) == expected


@pytest.mark.parametrize("matrix", [None, b"", b"short"])
def test_no_matrix_means_upright(matrix: bytes | None) -> None:
    assert rotation_deg(matrix) == 0
    assert sample_aspect(None) == 1.0
