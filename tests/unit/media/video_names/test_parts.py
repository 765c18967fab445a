import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.media.video_names import Stack, stacks


@pytest.mark.parametrize(
    ("stems", "expected"),
    [
        (["Heat cd1", "Heat cd2"], [("Heat", (0, 1))]),
        (["Heat-part2", "Heat-part1"], [("Heat", (1, 0))]),
        (["Heat (Disc 01)", "Heat (Disc 02)"], [("Heat", (0, 1))]),
        (["Heat disk 1", "Heat disc 2"], [("Heat", (0, 1))]),
        (["Heat.ptA", "Heat.ptB", "Heat.ptC"], [("Heat", (0, 1, 2))]),
        (["Heat.CD1.DVDRip-GRP", "Heat.CD2.DVDRip-GRP"], [("Heat.DVDRip-GRP", (0, 1))]),
        (["Heat[720p]part1", "Heat[720p]part2"], [("Heat[720p]", (0, 1))]),
        (["Heat cd1", "Heat cd2", "Heat cd4"], [("Heat", (0, 1))]),
        (["Heat cd1", "Ronin cd1", "Ronin cd2"], [("Ronin", (1, 2))]),
        (["Heat cd1", "Heat cdb"], []),
        (["Heat cd1", "Heat part2"], []),
        (["Heat cd2", "Heat cd3"], []),
        (["Heat cd1"], []),
        (["Heat 1", "Heat 2"], []),
        (["Heat a", "Heat b"], []),
        (["Dune Part 1 (1984)", "Dune Part 2 (1986)"], []),
        (["Dune.Part.1.1080p", "Dune.Part.2.1080p"], []),
        (["cd1", "cd2"], []),
        (["Heatpart1", "Heatpart2"], []),
        ([], []),
    ],
)
def test_parts_are_one_film(stems: list[str], expected: list[tuple[str, tuple[int, ...]]]) -> None:
    assert stacks(stems) == [Stack(base, members) for base, members in expected]


@given(st.lists(st.text(max_size=60)))
def test_any_names_get_an_answer(stems: list[str]) -> None:
    members = [index for stack in stacks(stems) for index in stack.members]
    assert len(members) == len(set(members))
