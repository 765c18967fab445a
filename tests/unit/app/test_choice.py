"""What was chosen in the setup: read, proven, given up."""

import asyncio
import json
import stat
from pathlib import Path

import pytest

from app.choice import Choice, Home, chosen, read_choice
from app.failure import StartFailed
from server.kernel.config import Loaded, load, show
from server.kernel.migrate import LoginRefused

URL, BEFORE = "postgres://u:hunter2@nas/new", "postgres://u:hunter2@nas/old"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "database.json"


def loaded(file: Path, text: str | None = None, **env: str) -> Loaded:
    """Return the configuration of a machine with this file of choice."""
    return load(env, text, source="config.yaml", chosen=chosen(file))


def a_home(file: Path, text: str | None = None, **env: str) -> tuple[Home, list[str]]:
    """Return the home of a server, and its restarts."""
    restarts: list[str] = []
    return Home(file, loaded(file, text, **env), lambda: restarts.append("again")), restarts


def write(file: Path, **choice: object) -> None:
    file.write_text(json.dumps(choice))


def test_a_choice_is_written_for_us_alone_before_the_restart(file: Path) -> None:
    home, restarts = a_home(file)
    asyncio.run(home.move(URL, "ABCD-EFGH"))
    assert restarts == ["again"]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    after, _ = a_home(file)
    assert (after.is_chosen, after.is_on_trial, after.kept_code) == (True, True, "ABCD-EFGH")
    assert "hunter2" not in repr(read_choice(file))


def test_a_choice_that_cannot_be_written_restarts_nothing(file: Path) -> None:
    home, restarts = a_home(file)
    file.mkdir()
    with pytest.raises(IsADirectoryError):
        asyncio.run(home.move(URL, "ABCD-EFGH"))
    assert restarts == []


def test_what_was_proven_stays_and_forgets_the_code(file: Path) -> None:
    write(file, url=URL, url_before=BEFORE, code="ABCD-EFGH")
    home, _ = a_home(file)
    home.prove()
    assert not home.is_on_trial
    assert read_choice(file) == Choice(url=URL, is_proven=True)
    home.prove()
    assert read_choice(file) == Choice(url=URL, is_proven=True)


def test_a_proof_that_cannot_be_written_is_said(file: Path) -> None:
    write(file, url=URL)
    home, _ = a_home(file)
    file.unlink()
    file.mkdir()
    with pytest.raises(StartFailed, match=r"database\.json cannot be written") as raised:
        home.prove()
    assert raised.value.failure.code == "file.unusable"
    assert home.is_on_trial


def test_the_own_database_needs_no_file_once_it_was_proven(file: Path) -> None:
    write(file, url=None, url_before=BEFORE, code="ABCD-EFGH")
    home, _ = a_home(file)
    assert (home.is_chosen, home.is_on_trial) == (False, True)
    home.prove()
    assert not file.exists()


@pytest.mark.parametrize("before", [None, BEFORE])
def test_what_failed_gives_way_to_what_was_before(file: Path, before: str | None) -> None:
    write(file, url=URL, url_before=before, code="ABCD-EFGH")
    home, _ = a_home(file)
    failure = StartFailed("no")
    failure.__cause__ = LoginRefused(detail="no such role")
    home.give_up(failure)
    url = home.config.database.url
    assert (url.reveal() if url else None) == before
    assert home.refusal is failure.__cause__
    assert not home.is_on_trial
    assert home.kept_code == "ABCD-EFGH"
    again, _ = a_home(file)
    assert (again.is_chosen, again.is_on_trial) == (before is not None, False)


def test_a_failure_without_words_of_ours_gets_some(file: Path) -> None:
    write(file, url=URL)
    home, _ = a_home(file)
    home.give_up(ExceptionGroup("many", [ValueError("odd")]))
    assert home.refusal is not None
    assert home.refusal.code == "setup.database_failed"


def test_variable_and_file_win_over_the_choice(file: Path) -> None:
    write(file, url=URL)
    home, _ = a_home(file, REVENGE_DATABASE_URL=BEFORE)
    assert (home.pinned_by, home.is_on_trial, home.is_chosen) == ("env", False, False)
    assert home.place == "database.url (REVENGE_DATABASE_URL)"
    home, _ = a_home(file, f"database:\n  url: {BEFORE}\n")
    assert (home.pinned_by, home.is_on_trial, home.is_chosen) == ("file", False, False)
    home, _ = a_home(file, "database:\n  url:\n")
    assert (home.pinned_by, home.is_on_trial, home.is_chosen) == (None, True, True)
    assert str(file) in home.place


def test_what_is_shown_says_where_it_comes_from_without_the_password(file: Path) -> None:
    write(file, url=URL)
    (line,) = [one for one in show(loaded(file)).splitlines() if one.startswith("database.url")]
    assert line.split() == ["database.url", "=", "postgres://u:***@nas/new", "#", str(file)]


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "{}", '{"url": 5}', "\0" * 9999, '{"url": "x", "is_proven": "y"}']
)
def test_a_broken_file_is_said_with_the_way_out(file: Path, text: str) -> None:
    file.write_text(text)
    with pytest.raises(StartFailed, match=r"database\.json is damaged.*built-in") as raised:
        read_choice(file)
    assert raised.value.failure.code == "database.choice_damaged"


def test_a_file_that_cannot_be_read_is_said(file: Path) -> None:
    file.mkdir()
    with pytest.raises(StartFailed, match=r"cannot be read") as raised:
        read_choice(file)
    assert raised.value.failure.code == "file.unusable"
    assert read_choice(file.with_name("absent")) is None
