"""The card of the programs that may be installed."""

from collections.abc import Callable, Sequence

import msgspec
import pytest
from msgspec.structs import replace

from gui.api import Failure
from gui.offers import AllOffered, Offered
from gui.windows.programs.presenter import Programs, Row

THING = Offered(
    name="typesense",
    title="Typesense",
    version="30.2",
    license="GPL-3.0",
    license_url="https://example.org/licence",
    state="available",
    installed_version=None,
    size_bytes=None,
    host="example.org",
)
OTHER = replace(THING, name="dragonfly", title="Dragonfly")
LARGE = 62_000_000


class Started:
    """A word that was started; the test says what it prints."""

    def __init__(
        self,
        words: Sequence[str],
        on_end: Callable[[bytes | None], object],
        on_line: Callable[[bytes], object] | None = None,
    ) -> None:
        self.words, self.end, self._on_line = words, on_end, on_line
        self.given: list[bytes] = []
        self.is_stopped = False

    def give(self, line: bytes) -> None:
        self.given.append(line)

    def stop(self) -> None:
        self.is_stopped = True

    def say(self, **said: object) -> None:
        assert self._on_line is not None
        self._on_line(msgspec.json.encode(said))


class Card:
    """A presenter, and what it started."""

    def __init__(self, *offered: Offered) -> None:
        self.started: list[Started] = []
        self.restart_count = 0
        self.programs = Programs(self._run, lambda: None, self._restart)
        self.programs.look()
        self.list(*(offered or (THING, OTHER)))

    def _run(self, *arguments: object) -> Started:
        self.started.append(Started(*arguments))  # type: ignore[arg-type] # as `Run` says
        return self.started[-1]

    def _restart(self) -> None:
        self.restart_count += 1

    @property
    def last(self) -> Started:
        return self.started[-1]

    @property
    def row(self) -> Row:
        return self.programs.rows[0]

    def list(self, *offered: Offered) -> None:
        """Answer the list that was asked for."""
        assert self.last.words == ("programs", "list", "--json")
        self.last.end(msgspec.json.encode(AllOffered(items=list(offered))))


def test_a_program_is_asked_about_agreed_to_and_installed() -> None:
    card = Card()
    assert (card.row.title, card.row.license) == ("Typesense 30.2", "GPL-3.0")
    assert (card.row.text, card.row.deed) == ("Not installed.", "install")
    card.programs.install("typesense")
    assert card.last.words == ("programs", "install", "typesense", "--json")
    assert (card.row.text, card.row.deed) == ("Asking example.org how large it is…", None)
    assert [one.deed for one in card.programs.rows] == [None, None]
    card.programs.agree()
    assert card.last.given == []
    card.last.say(size_bytes=LARGE)
    assert card.row.text == "Download 62.0 MB from example.org and install it?"
    assert (card.row.deed, card.row.can_cancel, card.row.share) == ("agree", True, None)
    card.programs.agree()
    card.programs.agree()
    assert card.last.given == [b""]
    card.last.say(size_bytes=LARGE, done_bytes=LARGE // 2)
    assert (card.row.text, card.row.share) == ("31.0 MB of 62.0 MB", 0.5)
    card.last.say(size_bytes=LARGE, done_bytes=LARGE)
    assert (card.row.text, card.row.can_cancel) == ("Being checked and unpacked…", False)
    card.last.say(is_installed=True)
    card.last.end(b"")
    card.list(replace(THING, state="installed", installed_version="30.2", size_bytes=LARGE), OTHER)
    assert card.row.text == "Installed. The server uses it from its next start."
    assert (card.row.is_installed, card.row.deed_text) == (True, "Restart the server")
    assert card.programs.rows[1].deed == "install"
    card.programs.restart()
    assert (card.restart_count, card.row.deed, card.row.text) == (1, None, "Installed, 62.0 MB.")
    card.programs.look()
    card.list(replace(THING, state="installed", installed_version="30.2", size_bytes=LARGE))
    assert card.row.text == "Installed, 62.0 MB."


@pytest.mark.parametrize("lines", [0, 1, 2])
def test_it_can_be_cancelled_at_any_time_and_begun_again(lines: int) -> None:
    card = Card()
    card.programs.install("typesense")
    for _ in range(lines):
        card.last.say(size_bytes=LARGE, done_bytes=1000)
        card.programs.agree()
    running = card.last
    card.programs.cancel()
    assert running.is_stopped
    assert (card.row.text, card.row.deed) == ("Not installed.", "install")
    card.programs.install("typesense")
    assert card.last is not running


def test_a_failure_is_said_in_the_words_of_the_windows_until_the_next_try() -> None:
    card = Card()
    card.programs.install("typesense")
    failure = Failure(code="program.refused", reason="x", context={"host": "a.b", "status": 404})
    card.last.say(failure=failure)
    card.last.end(None)
    card.list(THING)
    said = "a.b does not give the file (HTTP 404). Try again later."
    assert (card.row.text, card.row.is_bad, card.row.deed) == (said, True, "install")
    card.programs.install("typesense")
    assert not card.row.is_bad


def test_a_program_that_ends_without_a_word_is_said() -> None:
    card = Card()
    card.programs.install("typesense")
    card.last.end(None)
    card.list(THING)
    assert card.row.text.startswith("The installation ended unexpectedly.")
    assert card.row.is_bad


def test_an_archive_of_unknown_size_has_no_bar() -> None:
    card = Card()
    card.programs.install("typesense")
    card.last.say()
    assert card.row.text == "Download it from example.org and install it?"
    card.programs.agree()
    card.last.say(done_bytes=1_500_000)
    assert (card.row.text, card.row.share, card.row.can_cancel) == ("1.5 MB", None, True)


@pytest.mark.parametrize(
    ("offered", "text", "deed_text"),
    [
        (replace(THING, state="other", installed_version="30.1"), "Version 30.1 is", "Install…"),
        (replace(THING, state="no_build", host=None), "Its makers offer no build", ""),
    ],
)
def test_how_it_stands_is_said(offered: Offered, text: str, deed_text: str) -> None:
    card = Card(offered)
    assert card.row.text.startswith(text)
    assert card.row.deed_text == deed_text
    assert (card.row.deed is None) == (not deed_text)


@pytest.mark.parametrize("printed", [None, b"", b"{}", b"[]", b'{"items": [{"name": 7}]}'])
def test_a_list_that_cannot_be_read_is_said(printed: bytes | None) -> None:
    card = Card()
    card.programs.look()
    card.last.end(printed)
    assert card.programs.note == "What is installed could not be found out."


def test_what_is_no_line_of_an_installation_is_passed_over() -> None:
    card = Card()
    card.programs.install("typesense")
    started = card.last
    for line in (b"\n", b"Traceback", b"[]", b'{"done_bytes": "x"}', b"\xff"):
        assert started._on_line is not None
        started._on_line(line)
    assert card.row.text == "Asking example.org how large it is…"


def test_what_is_installing_is_not_disturbed() -> None:
    card = Card()
    card.programs.install("typesense")
    started = len(card.started)
    card.programs.look()
    card.programs.install("dragonfly")
    assert len(card.started) == started
