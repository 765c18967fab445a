"""What becomes of a file that somebody changed, whatever it has become."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from app.config_file import ConfigFile
from server.kernel.config import ConfigStale, Loaded, load, read_config_file

GOOD = "server: {allowed_hosts: [a.example]}\nlimits: {user_per_s: 5}\n"
TORN = GOOD[:40]


class Watched:
    """A file, what was taken over of it, and what is said about it."""

    def __init__(self, path: Path) -> None:
        path.write_text(GOOD)
        loaded = load({}, read_config_file(path), source=str(path))
        self.path = path
        self.taken: list[Loaded] = []
        self.watch = ConfigFile(path, loaded, ())

    async def look(self) -> str | None:
        """Look at the file; return what health says then."""
        await self.watch._look(self.taken.append)
        try:
            await self.watch.check.run()
        except ConfigStale as error:
            return error.code
        return None


@pytest.fixture
def file(tmp_path: Path) -> Watched:
    return Watched(tmp_path / "config.yaml")


def in_place_of(make: Callable[[Path], object]) -> Callable[[Path], object]:
    def spoil(path: Path) -> None:
        path.unlink()
        make(path)

    return spoil


def huge(path: Path) -> None:
    with path.open("wb") as opened:
        opened.truncate(100 << 20)


def alone_in_a_loop(path: Path) -> None:
    path.symlink_to(path.name)


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (lambda path: path.write_text(TORN), "config.stale"),
        (lambda path: path.write_text("logging: {level: loud}"), "config.stale"),
        (lambda path: path.write_text("[" * 100_000), "config.stale"),
        (lambda path: path.write_text("a: &a 1"), "config.stale"),
        (lambda path: path.write_bytes(b"\xff\xfe\0"), "config.file_unreadable"),
        (lambda path: path.write_text(""), "config.file_gone"),
        (lambda path: path.write_text(" \n\t"), "config.file_gone"),
        (Path.unlink, "config.file_gone"),
        (in_place_of(Path.mkdir), "config.file_unreadable"),
        (in_place_of(os.mkfifo), "config.file_unreadable"),
        (in_place_of(huge), "config.file_unreadable"),
        (in_place_of(alone_in_a_loop), "config.file_unreadable"),
        (in_place_of(lambda path: path.symlink_to("nowhere")), "config.file_unreadable"),
        (in_place_of(lambda path: path.symlink_to("/dev/zero")), "config.file_unreadable"),
    ],
)
async def test_a_bad_file_changes_nothing_until_it_is_mended(
    file: Watched, spoil: Callable[[Path], object], code: str
) -> None:
    spoil(file.path)
    assert await file.look() == code
    assert file.taken == []
    if file.path.is_dir():
        file.path.rmdir()
    file.path.unlink(missing_ok=True)
    file.path.write_text(GOOD.replace("5", "7"))
    assert await file.look() is None
    (taken,) = file.taken
    assert taken.config.limits.user_per_s == 7
    assert taken.config.server.allowed_hosts == ("a.example",)


async def test_every_problem_is_logged_once(
    file: Watched, caplog: pytest.LogCaptureFixture
) -> None:
    file.path.write_text("server: {prot: 1}\nlogging: {level: loud}\n")
    for _ in range(3):
        assert await file.look() == "config.stale"
    assert len(caplog.records) == 2


async def test_a_file_may_lose_what_it_never_said(tmp_path: Path) -> None:
    file = Watched(tmp_path / "config.yaml")
    file.path.write_text("# nothing yet\nserver:\n")
    assert await file.look() is None
    file.path.unlink()
    assert await file.look() is None
    assert file.taken[-1].config.server.allowed_hosts == ()


async def test_keys_that_wait_for_a_restart_are_named_once_and_keep_their_value(
    file: Watched, caplog: pytest.LogCaptureFixture
) -> None:
    secret = "hunter2-hunter2-hunter2-hunter2-hunter2"
    file.path.write_text(f"{GOOD}auth: {{jwt_secret: {secret}, session_days: 3}}\n")
    caplog.set_level("INFO")
    for _ in range(2):
        await file.look()
    said = [record.msg for record in caplog.records if isinstance(record.msg, dict)]
    assert [(one["event"], one["keys"]) for one in said] == [
        ("configuration changed", ["auth.session_days"]),
        ("takes effect after a restart", ["auth.jwt_secret"]),
    ]
    assert secret not in caplog.text
    auth = file.taken[-1].config.auth
    assert (auth.jwt_secret, auth.session_days) == (None, 3)
