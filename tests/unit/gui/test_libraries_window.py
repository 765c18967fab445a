"""What the window of the libraries knows and does."""

from typing import Any
from uuid import UUID

import pytest

from gui.api import Client, LibraryEdit, Problem, Refused, Root, RootEdit, ScanProblem, Unreachable
from gui.pace import Pace
from gui.windows.libraries.presenter import (
    Form,
    Shelf,
    entry,
    history_line,
    problem_line,
    root_line,
    scan_text,
)
from tests.helpers.asking import Asked
from tests.helpers.shown import STARTED_AT, a_library, a_scan

CLIENT = Client("http://127.0.0.1:9")


def a_shelf(*libraries: Any) -> tuple[Shelf, Asked]:
    asked = Asked()
    shelf = Shelf(asked, lambda: None)
    shelf.connect(CLIENT)
    asked.answer(list(libraries))
    return shelf, asked


def test_the_first_library_is_chosen_with_its_pages() -> None:
    shelf, asked = a_shelf(a_library(1), a_library(2))
    assert shelf.situation == "full"
    assert shelf.chosen is not None
    assert shelf.chosen.name == "Films 1"
    assert len(asked.calls) == 2
    assert a_shelf()[0].situation == "empty"


def test_pages_come_one_after_the_other_and_only_for_the_chosen_library() -> None:
    shelf, asked = a_shelf(a_library(1), a_library(2))
    asked.answer(([a_scan(1)], None))
    asked.answer((["a"] * 50, "next"))
    shelf.problems.more()
    shelf.problems.more()
    assert len(asked.calls) == 1
    shelf.choose(UUID(int=2))
    asked.answer((["late"], None))
    assert shelf.problems.items == []
    asked.answer(([], None))
    asked.fail(Refused(404, "library.not_found", "There is no such library."))
    assert shelf.problems.error == "There is no such library."


def test_the_pages_are_turned_when_a_scan_ends() -> None:
    shelf, asked = a_shelf(a_library(1, scan=a_scan(1)))
    asked.answer(([], None))
    asked.answer(([], None))
    shelf.look()
    asked.answer([a_library(1, scan=a_scan(1, state="done", phase="done"))])
    assert len(asked.calls) == 2
    asked.calls.clear()
    shelf.look()
    asked.answer([a_library(1, scan=a_scan(1, state="done", phase="done"))])
    assert asked.calls == []


def test_one_deed_at_a_time_and_its_failure_stays_to_be_read() -> None:
    shelf, asked = a_shelf(a_library(1))
    asked.calls.clear()
    shelf.scan()
    shelf.stop()
    assert (shelf.is_busy, len(asked.calls)) == (True, 1)
    asked.fail(Refused(404, "library.not_found", "There is no such library."))
    shelf.look()
    asked.answer([a_library(1)])
    assert (shelf.is_busy, shelf.error) == (False, "There is no such library.")
    shelf.remove()
    asked.answer(None)
    asked.answer([])
    assert (shelf.situation, shelf.chosen) == ("empty", None)


def test_a_server_that_is_away_leaves_what_was_known() -> None:
    shelf, asked = a_shelf(a_library(1))
    asked.calls.clear()
    shelf.look()
    shelf.look()
    assert len(asked.calls) == 1
    asked.fail(Unreachable("gone"))
    assert shelf.error
    assert shelf.situation == "full"
    shelf.look()
    asked.answer([a_library(1)])
    assert shelf.error == ""
    shelf.connect(None)
    shelf.look()
    assert asked.calls == []


def test_a_form_sends_only_what_is_different() -> None:
    form = Form(a_library(1))
    assert not form.can_save
    form.name = "Cinema "
    assert form.edit() == LibraryEdit(
        name="Cinema", roots=None, is_watched=None, scans_nightly=None
    )
    form.name = "  "
    assert not form.can_save
    form.name = "Films 1"
    form.add("/srv/more")
    form.add("/srv/more")
    form.move(0, "/mnt/films")
    form.is_watched = False
    assert form.edit().roots == [
        RootEdit(root_id=UUID(int=101), path="/mnt/films"),
        RootEdit(root_id=None, path="/srv/more"),
    ]
    assert form.edit().is_watched is False
    assert not form.leaves()
    form.take_out(0)
    assert form.leaves()
    form.take_out(0)
    assert not form.can_save


@pytest.mark.parametrize(
    ("differing", "state"),
    [
        ({}, "Films: 7"),
        ({"item_count": 100_000}, "Films: 100,000"),
        ({"scan": a_scan()}, "Being scanned"),
        ({"scan": a_scan(state="failed")}, "The last scan failed"),
        (
            {"roots": [Root(root_id=UUID(int=1), path=None, state="offline")]},
            "A folder is not connected",
        ),
    ],
)
def test_a_library_stands_in_the_list_with_its_state(differing: dict[str, Any], state: str) -> None:
    assert entry(a_library(1, **differing)).state == state


def test_lines_say_what_when_and_why() -> None:
    ended = a_scan(state="done", ended_at=STARTED_AT.replace(minute=20), error_count=3)
    assert "5 min" in history_line(ended)
    assert "3" in scan_text(ended, Pace())
    problem = ScanProblem(code="scan.cancelled", detail="An administrator stopped it.")
    assert history_line(a_scan(state="failed", error=problem)).endswith("stopped it.")
    broken = Problem(kind="file", path="/srv/x\n<b>y</b>", title=None, detail="It is cut off.")
    assert problem_line(broken).endswith("It is cut off.")
    hidden = Root(root_id=UUID(int=1), path=None, state="offline")
    assert "not connected" in root_line(hidden)
