from pathlib import Path

import pytest

from bundled.search import find_typesense

ON_PATH, CHOSEN = "/usr/bin/typesense-server", Path("/opt/typesense")


@pytest.mark.parametrize(
    ("chosen", "on_path", "found"),
    [
        (None, None, None),
        (None, ON_PATH, Path(ON_PATH)),
        (CHOSEN, ON_PATH, CHOSEN),
    ],
)
def test_the_chosen_program_goes_before_one_that_is_found(
    tmp_path: Path, chosen: Path | None, on_path: str | None, found: Path | None
) -> None:
    assert find_typesense(tmp_path, chosen, lambda _: on_path) == found


def test_what_we_installed_goes_before_what_the_system_has(tmp_path: Path) -> None:
    program = tmp_path / "typesense" / "30.2" / "typesense-server"
    program.parent.mkdir(parents=True)
    program.touch()
    assert find_typesense(tmp_path, None, lambda _: ON_PATH) == program
    assert find_typesense(tmp_path, CHOSEN, lambda _: ON_PATH) == CHOSEN
