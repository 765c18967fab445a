"""What becomes of a file that somebody changed, whatever it has become."""

import asyncio
import os
import resource
from collections.abc import Callable
from pathlib import Path

import pytest

from app.config_file import ConfigFile
from server.kernel.config import ConfigFileUnreadable, ConfigStale, Loaded, load, read_config_file
from server.kernel.tasks import TaskScope
from tests.helpers.until import until

GOOD = "server: {allowed_hosts: [a.example]}\nlimits: {user_per_s: 5}\n"
TORN = GOOD[:40]


class Watched:
    """A file, what was taken over of it, and what is said about it."""

    def __init__(self, path: Path) -> None:
        path.write_text(GOOD)
        self.loaded = load({}, read_config_file(path), source=str(path))
        self.path = path
        self.taken: list[Loaded] = []
        self.watch = ConfigFile(path, self.loaded, ())

    def another(self, *, look_s: float) -> ConfigFile:
        """Return one that looks at this pace; what holds is what the file said at first."""
        return ConfigFile(self.path, self.loaded, (), look_s=look_s)

    async def look(self) -> str | None:
        """Look at the file; return what health says then."""
        await self.watch._look(self.taken.append)
        return await code_of(self.watch)


async def code_of(watch: ConfigFile) -> str | None:
    """Return why health is not well."""
    try:
        await watch.check.run()
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


async def test_what_is_asked_for_is_read_without_waiting(file: Watched) -> None:
    file.path.write_text("logging: {level: debug}")
    watch, taken = file.another(look_s=3600), asyncio.Queue[Loaded]()
    async with TaskScope() as tasks:
        tasks.spawn(watch.watch(taken.put_nowait), name="watch")
        watch.ask()
        assert (await taken.get()).config.logging.level == "debug"


async def test_a_change_is_seen_whichever_way_it_comes(file: Watched) -> None:
    watch, taken = file.another(look_s=0.01), asyncio.Queue[Loaded]()
    async with TaskScope() as tasks:
        tasks.spawn(watch.watch(taken.put_nowait), name="watch")
        for number, put in enumerate((write_in_place, write_beside, swap_link), start=1):
            put(file.path, f"limits: {{user_per_s: {number}}}")
            assert (await taken.get()).config.limits.user_per_s == number


def write_in_place(path: Path, text: str) -> None:
    path.write_text(text)


def write_beside(path: Path, text: str) -> None:
    draft = path.with_name("draft")
    draft.write_text(text)
    draft.replace(path)


def swap_link(path: Path, text: str) -> None:
    real, link = path.with_name("real"), path.with_name("link")
    real.write_text(text)
    link.symlink_to(real)
    link.replace(path)


async def test_a_file_that_could_not_be_read_is_tried_again_though_it_stays_the_same(
    file: Watched,
) -> None:
    file.path.write_text("logging: {level: debug}")
    watch, taken = file.another(look_s=0.01), asyncio.Queue[Loaded]()
    most = resource.getrlimit(resource.RLIMIT_NOFILE)
    async with TaskScope() as tasks:
        free = os.dup(0)
        os.close(free)
        resource.setrlimit(resource.RLIMIT_NOFILE, (free, most[1]))  # no file can be opened
        try:
            tasks.spawn(watch.watch(taken.put_nowait), name="watch")
            await until(lambda: isinstance(watch._refusal, ConfigFileUnreadable))
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, most)
        assert (await taken.get()).config.logging.level == "debug"
        assert await code_of(watch) is None
