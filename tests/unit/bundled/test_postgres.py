import re
from pathlib import Path

import pytest

from bundled.postgres import PostgresMissing, find_postgres


def programs(folder: Path, version: str) -> Path:
    """A folder of programs that tell a version."""
    folder.mkdir(parents=True)
    for name in ("postgres", "initdb"):
        program = folder / name
        program.write_text(f"#!/bin/sh\necho '{name} (PostgreSQL) {version}'\n")
        program.chmod(0o755)
    return folder


def test_the_wheel_is_found_without_a_choice() -> None:
    found = find_postgres()
    assert found.major >= 17
    assert found.program("initdb").is_file()
    assert found.bin_dir == found.root / found.parts[0] / "bin"


def test_a_choice_excludes_all_others(tmp_path: Path) -> None:
    found = find_postgres(programs(tmp_path / "bin", "19.3 (Debian 19.3-1)"))
    assert (found.version, found.major, found.parts) == ("19.3", 19, ())


@pytest.mark.parametrize("version", ["16.9", "9.6.24", "none"])
def test_an_old_choice_is_refused(tmp_path: Path, version: str) -> None:
    with pytest.raises(PostgresMissing, match="too old"):
        find_postgres(programs(tmp_path / "bin", version))


def test_a_choice_without_programs_is_refused(tmp_path: Path) -> None:
    with pytest.raises(
        PostgresMissing,
        match=f"{re.escape(str(tmp_path))} lacks postgres or initdb. Correct REVENGE_POSTGRES_BIN",
    ):
        find_postgres(tmp_path)


def test_a_program_that_does_not_run_is_refused(tmp_path: Path) -> None:
    folder = programs(tmp_path / "bin", "18.1")
    (folder / "postgres").write_text("#!/nonexistent/interpreter\n")
    with pytest.raises(PostgresMissing, match="does not run"):
        find_postgres(folder)
