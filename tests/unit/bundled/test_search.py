from pathlib import Path

import pytest

from bundled.search import find_typesense


@pytest.mark.parametrize(
    ("chosen", "installed", "found"),
    [
        (None, None, None),
        (None, "/usr/bin/typesense-server", Path("/usr/bin/typesense-server")),
        (Path("/opt/typesense"), "/usr/bin/typesense-server", Path("/opt/typesense")),
    ],
)
def test_the_chosen_program_goes_before_the_installed_one(
    chosen: Path | None, installed: str | None, found: Path | None
) -> None:
    assert find_typesense(chosen, lambda _: installed) == found
