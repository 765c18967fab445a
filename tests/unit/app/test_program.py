"""When a program that died is started again."""

import pytest

from app.supervisor.program import next_pause_s


@pytest.mark.parametrize(
    ("last_s", "lived_s", "pause_s"),
    [
        (0.0, 0.1, 0.2),
        (0.2, 0.1, 0.4),
        (25.6, 0.1, 30.0),
        (30.0, 0.1, 30.0),
        (30.0, 10.5, 0.2),
        (0.0, 3600.0, 0.2),
    ],
)
def test_the_pause_grows_while_it_dies_at_once_and_a_life_forgives(
    last_s: float, lived_s: float, pause_s: float
) -> None:
    assert next_pause_s(last_s, lived_s=lived_s) == pause_s
