from itertools import pairwise
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.media.hls.tone import bent_nits, pq, pq_nits, tone_table

SIZE = 33


def rows(transfer: Literal["pq", "hlg"]) -> list[tuple[float, ...]]:
    head, *lines = tone_table(transfer).splitlines()
    assert head == f"LUT_3D_SIZE {SIZE}"
    return [tuple(map(float, line.split())) for line in lines]


@pytest.mark.parametrize(
    ("nits", "signal"), [(0, 0.0), (0.1, 0.0623), (100, 0.508), (203, 0.5806), (1_000, 0.7518), (10_000, 1.0)]
)  # fmt: skip
def test_the_signal_of_pq_is_that_of_the_standard(nits: float, signal: float) -> None:
    assert pq(nits) == pytest.approx(signal, abs=0.001)


@given(st.floats(0, 10_000))
def test_a_signal_gives_its_light_back(nits: float) -> None:
    assert pq_nits(pq(nits)) == pytest.approx(nits, rel=1e-6, abs=1e-4)


def test_shadows_stay_and_highlights_bend_to_white() -> None:
    for nits in (0, 0.01, 1, 50, 90):
        assert bent_nits(nits) == pytest.approx(nits, rel=0.01, abs=1e-6)
    bent = [bent_nits(nits) for nits in range(100, 1_001, 10)]
    assert all(before < after for before, after in pairwise(bent))
    assert bent[-1] == bent_nits(10_000) == pytest.approx(203, abs=0.1)


@pytest.mark.parametrize("transfer", ["pq", "hlg"])
def test_a_table_keeps_grey_grey_and_brighter_brighter(transfer: Literal["pq", "hlg"]) -> None:
    table = rows(transfer)
    assert len(table) == SIZE**3
    assert all(0 <= value <= 1 for row in table for value in row)
    greys = [table[place * (SIZE * SIZE + SIZE + 1)] for place in range(SIZE)]
    assert all(max(grey) - min(grey) < 0.005 for grey in greys)
    assert max(greys[0]) == 0
    assert min(greys[-1]) > 0.998
    assert all(before <= after for before, after in pairwise(greys))


@pytest.mark.parametrize("transfer", ["pq", "hlg"])
def test_red_changes_fastest(transfer: Literal["pq", "hlg"]) -> None:
    red, green, blue = (rows(transfer)[SIZE**axis * (SIZE // 2)] for axis in range(3))
    assert red.index(max(red)) == 0
    assert green.index(max(green)) == 1
    assert blue.index(max(blue)) == 2
