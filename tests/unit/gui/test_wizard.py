"""Which page the wizard shows, and what it lets one do."""

from collections.abc import Iterator

import pytest

from gui import texts
from gui.api import DatabaseTest, Preview, Refused, Unreachable
from gui.condition import Condition, ours
from gui.session import Session
from gui.wizard.presenter import Wizard
from tests.helpers.asking import Asked
from tests.helpers.shown import RUNNING, UNCLAIMED, a_failure, a_library, a_scan, a_setup

ADA = Session(name="Ada", token="t")
PREVIEW = Preview(kind="movie", media_count=2, is_complete=True, items=[], warnings=[])


@pytest.fixture(autouse=True)
def _english_after() -> Iterator[None]:
    yield
    texts.speak("en")


class Stage:
    """A wizard, what it asked, and the sessions that it gave away."""

    def __init__(self, session: Session | None = None) -> None:
        self.asked = Asked()
        self.kept: list[Session] = []
        self.wizard = Wizard(self.asked, lambda: None, self.kept.append, session)

    def begin(self, *states: str, **database: object) -> Wizard:
        """Let a server answer that is so far, on this database."""
        self.wizard.hear(UNCLAIMED)
        self.asked.answer(a_setup(*states, **database))
        return self.wizard


@pytest.mark.parametrize(
    ("states", "session", "page"),
    [
        (("open", "open", "open", "open"), None, "language"),
        (("done", "open", "open", "open"), None, "database"),
        (("done", "done", "open", "open"), None, "administrator"),
        (("done", "done", "done", "open"), None, "sign_in"),
        (("done", "done", "done", "open"), ADA, "library"),
        (("done", "done", "done", "done"), ADA, "scan"),
        (("done", "done", "done", "skipped"), ADA, "scan"),
    ],
)
def test_the_server_knows_where_the_wizard_begins(
    states: tuple[str, ...], session: Session | None, page: str
) -> None:
    assert Stage(session).begin(*states).page == page


def test_while_the_server_is_away_nothing_can_be_done_and_the_reason_is_told() -> None:
    stage = Stage()
    stage.wizard.hear(Condition(situation="failed", failure=ours("crashed.disk_full")))
    assert "a disk is full" in stage.wizard.trouble
    wizard = stage.begin("open", "open", "open", "open")
    wizard.hear(Condition(situation="starting"))
    assert not wizard.can_go_on
    assert wizard.page == "language"
    wizard.go_on()
    wizard.look()
    assert stage.asked.calls == []


def test_back_leads_to_what_can_still_be_changed() -> None:
    stage = Stage()
    wizard = stage.begin("open", "open", "open", "open")
    assert not wizard.can_go_back
    wizard.go_on()
    assert wizard.is_busy
    assert not wizard.can_go_on
    stage.asked.answer(None)
    assert (wizard.page, wizard.can_go_back) == ("database", True)
    wizard.go_back()
    assert wizard.page == "language"
    assert [line.state for line in wizard.lines()] == ["now", *["ahead"] * 4]
    assert not Stage(ADA).begin("done", "done", "done", "open").can_go_back


def test_an_external_database_can_be_tried() -> None:
    stage = Stage()
    wizard = stage.begin("done", "open", "open", "open")
    step = wizard.database
    step.is_external = True
    assert (wizard.can_go_on, step.url) == (False, "")
    step.write_url(" postgres://nas/x ")
    assert (wizard.can_go_on, step.url) == (True, "postgres://nas/x")
    wizard.look()
    told = DatabaseTest(is_usable=True, detail="PostgreSQL 18 answers.")
    stage.asked.answer(lambda: setattr(step, "test", told))
    step.write_url("postgres://nas/y")
    assert step.test is None
    step.is_external = False
    assert wizard.can_go_on


def moving() -> tuple[Stage, Wizard]:
    """Return a wizard whose server was asked to move."""
    stage = Stage()
    wizard = stage.begin("done", "open", "open", "open")
    wizard.database.is_external = True
    wizard.database.write_url("postgres://u:p@nas/x")
    wizard.go_on()
    stage.asked.answer(a_setup("done", "open", "open", "open", is_restarting=True))
    return stage, wizard


def test_the_wizard_waits_for_the_server_to_move_and_goes_on_with_the_account() -> None:
    stage, wizard = moving()
    wizard.follow_move()  # the old server, still
    stage.asked.answer(a_setup("done", "open", "open", "open", is_restarting=True))
    for condition in (Condition(situation="stopping"), Condition(situation="starting")):
        wizard.hear(condition)
        wizard.follow_move()
        assert stage.asked.calls == []
        assert (wizard.page, wizard.is_moving, wizard.trouble) == ("database", True, "")
        assert not wizard.can_go_on
        assert not wizard.can_go_back
    wizard.hear(UNCLAIMED)
    wizard.follow_move()
    stage.asked.fail(Unreachable("it had just gone"))
    assert (wizard.is_moving, wizard.error) == (True, "")
    wizard.follow_move()
    wizard.follow_move()
    stage.asked.answer(a_setup("open", "done", "open", "open", is_external=True))
    assert (wizard.page, wizard.is_waiting) == ("administrator", False)
    assert stage.asked.calls == []
    assert wizard.database.url == ""
    wizard.go_back()
    assert wizard.database.is_external
    assert wizard.can_go_on


def test_a_move_that_failed_is_told_and_can_be_tried_again() -> None:
    stage, wizard = moving()
    wizard.hear(a_failure("disk_full"))
    assert wizard.trouble == "The server says why."
    wizard.hear(UNCLAIMED)
    wizard.follow_move()
    stage.asked.answer(a_setup("done", "done", "open", "open", problem="It said no."))
    assert (wizard.page, wizard.can_go_on) == ("database", True)
    assert wizard.database.url == "postgres://u:p@nas/x"
    assert wizard.database.known() == ("It said no.", "bad")


def test_a_database_with_an_account_asks_to_sign_in() -> None:
    stage, wizard = moving()
    wizard.hear(RUNNING)
    wizard.follow_move()
    stage.asked.answer(a_setup("done", "done", "done", "open"))
    assert wizard.page == "sign_in"


@pytest.mark.parametrize("pinned_by", ["env", "file"])
def test_a_pinned_database_is_left_as_it_is(pinned_by: str) -> None:
    stage = Stage()
    wizard = stage.begin("done", "open", "open", "open", is_external=True, pinned_by=pinned_by)
    assert wizard.database.is_pinned
    wizard.database.write_url("postgres://u:p@nas/x")
    assert wizard.database.is_used


@pytest.mark.parametrize(
    ("user", "password", "again", "is_filled"),
    [
        ("", "", "", False),
        ("Ada", "short", "short", False),
        ("Ada", "long enough", "long enougX", False),
        ("  ", "long enough", "long enough", False),
        ("Ada", "long enough", "long enough", True),
        ("Ä" * 64, "🦀" * 8, "🦀" * 8, True),
    ],
)
def test_the_account_is_weighed_before_it_is_sent(
    user: str, password: str, again: str, is_filled: bool
) -> None:
    wizard = Stage().begin("done", "done", "open", "open")
    step = wizard.administrator
    step.user, step.password, step.again = user, password, again
    assert wizard.can_go_on is is_filled


def test_the_new_administrator_is_signed_in_and_the_password_forgotten() -> None:
    stage = Stage()
    wizard = stage.begin("done", "done", "open", "open")
    step = wizard.administrator
    step.user, step.password, step.again = "Ada", "long enough", "long enough"
    wizard.go_on()
    stage.asked.answer(ADA)
    assert stage.kept == [ADA]
    assert (step.password, step.again) == ("", "")
    stage.asked.answer(a_setup("done", "done", "done", "open"))
    assert wizard.page == "library"


def test_a_folder_is_looked_into_before_it_is_added_and_may_wait() -> None:
    stage = Stage(ADA)
    wizard = stage.begin("done", "done", "done", "open")
    step = wizard.library
    assert (wizard.can_go_on, wizard.can_wait) == (False, True)
    step.choose("/srv/Films")
    assert step.title == "Films"
    wizard.look()
    stage.asked.answer(lambda: setattr(step, "preview", PREVIEW))
    assert wizard.can_go_on
    wizard.put_off()
    stage.asked.answer(None)
    assert wizard.is_over


def test_what_the_server_refuses_is_told_in_its_words() -> None:
    stage = Stage(ADA)
    wizard = stage.begin("done", "done", "done", "open")
    wizard.library.choose("/srv/secret")
    wizard.look()
    stage.asked.fail(Refused(400, "library.path_unreadable", "The server cannot read this folder."))
    assert (wizard.error, wizard.is_busy) == ("The server cannot read this folder.", False)
    wizard.look()
    stage.asked.fail(Unreachable("http://127.0.0.1:9: gone"))
    assert wizard.error
    assert "127.0.0.1" not in wizard.error
    wizard.look()
    stage.asked.fail(ValueError("odd"))
    assert "ValueError" in wizard.error


def test_a_session_that_ended_leads_to_signing_in() -> None:
    stage = Stage(ADA)
    wizard = stage.begin("done", "done", "done", "done")
    wizard.look()
    stage.asked.fail(Refused(401, "unauthenticated", "Sign in first."))
    assert wizard.page == "sign_in"
    wizard.sign_in.user, wizard.sign_in.password = "Ada", "wrong"
    wizard.go_on()
    stage.asked.fail(Refused(401, "auth.wrong_credentials", "Name or password is wrong."))
    assert (wizard.page, wizard.error) == ("sign_in", "Name or password is wrong.")


def test_a_server_that_somebody_else_claimed_meanwhile_is_asked_again() -> None:
    stage = Stage()
    wizard = stage.begin("done", "open", "open", "open")
    wizard.go_on()
    stage.asked.fail(Refused(409, "setup.already_done", "There is an administrator already."))
    stage.asked.answer(a_setup("done", "done", "done", "open"))
    assert wizard.page == "sign_in"


def test_a_scan_that_failed_begins_again_and_the_last_page_ends_it_all() -> None:
    stage = Stage(ADA)
    wizard = stage.begin("done", "done", "done", "done")
    wizard.scan.library = a_library(scan=a_scan(state="failed"))
    wizard.scan_again()
    stage.asked.answer(None)
    wizard.go_on()
    assert wizard.is_over
