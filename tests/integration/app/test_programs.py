"""The command line's programs, as real processes: asked for, cut short, killed, and two at once."""

import json
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.helpers.process import ROOT, environment, run_word, until
from tests.helpers.releases import ARCHIVE, PROGRAM, Origin, running_origin

HALF = len(ARCHIVE) // 2


@pytest.fixture
def origin() -> Iterator[Origin]:
    with running_origin() as running:
        yield running


class Shop:
    """Runs the command line with a manifest that names the origin."""

    def __init__(self, origin: Origin, folder: Path) -> None:
        self.data_dir = folder / "data"
        self.installed = self.data_dir / "installed"
        self._words = [sys.executable, "-m", "tests.helpers.shop", str(origin.manifest(folder))]

    def run(self, *words: str, text: str = "", **more: Any) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*self._words, "programs", *words],
            input=text,
            capture_output=True,
            text=True,
            cwd=ROOT,
            env=environment(self.data_dir),
            timeout=60,
            check=False,
            **more,
        )

    @contextmanager
    def running(self, *words: str) -> Iterator[subprocess.Popen[bytes]]:
        pipe = subprocess.PIPE
        process = subprocess.Popen(
            [*self._words, "programs", *words],
            stdin=pipe,
            stdout=pipe,
            stderr=pipe,
            cwd=ROOT,
            env=environment(self.data_dir),
        )
        with process:
            yield process
            process.kill()

    def files(self) -> dict[str, int]:
        """Return the sizes of what lies in the folder."""
        found = (path for path in self.installed.rglob("*") if path.is_file())
        return {str(one.relative_to(self.installed)): one.stat().st_size for one in found}


@pytest.fixture
def shop(origin: Origin, tmp_path: Path) -> Shop:
    return Shop(origin, tmp_path)


def told(line: bytes) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(line)
    return document


def test_a_program_is_shown_installed_and_removed(shop: Shop) -> None:
    before = shop.run("list").stdout
    assert "thing 2.0: a thing\n    MIT, https://example.org/licence\n    not installed" in before
    assert "its makers offer no build for this system" in before
    asked = shop.run("install", "thing", text="y\n")
    assert (asked.returncode, asked.stderr) == (0, "")
    assert "Thing 2.0: a thing\n2.0 MB from 127.0.0.1\nLicence: MIT, https://" in asked.stdout
    assert shop.files() == {"thing/2.0/thing": len(PROGRAM)}
    assert "    installed, 3.0 MB\n" in shop.run("list").stdout
    assert shop.run("remove", "thing").returncode == 0
    assert shop.files() == {}
    assert shop.run("list").stdout == before
    again = shop.run("remove", "thing")
    assert (again.returncode, again.stderr) == (1, "revenge-server: Thing is not installed.\n")


@pytest.mark.parametrize("answer", ["", "\n", "n\n", "later\n"])
def test_whoever_does_not_say_yes_gets_nothing(shop: Shop, answer: str) -> None:
    done = shop.run("install", "thing", text=answer)
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.endswith("Nothing was installed.\n")
    assert shop.files() == {}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("install", "nothing", "--yes"), "There is no program nothing to install."),
        (("install", "../thing", "--yes"), "There is no program ../thing to install."),
        (("install", "odd", "--yes"), "The makers of Odd offer no build for this system."),
        (("remove", "nothing"), "There is no program nothing to install."),
    ],
)
def test_what_is_not_offered_is_said_in_one_sentence(
    shop: Shop, words: tuple[str, ...], said: str
) -> None:
    done = shop.run(*words)
    assert done.returncode == 1
    assert done.stderr.startswith(f"revenge-server: {said}")
    assert done.stderr.count("\n") == 1


def test_a_failure_is_one_sentence_and_data_too(shop: Shop, origin: Origin) -> None:
    origin.status = 404
    done = shop.run("install", "thing", "--yes", "--json")
    assert done.returncode == 1
    assert done.stderr == (
        "revenge-server: 127.0.0.1 does not give the file (HTTP 404). Try again later.\n"
    )
    failure = json.loads(done.stdout)["failure"]
    assert failure["code"] == "program.refused"
    assert failure["context"] == {"host": "127.0.0.1", "status": 404}


def test_a_place_that_cannot_be_had_is_said_as_data_too(shop: Shop) -> None:
    shop.data_dir.write_text("no folder")
    done = shop.run("install", "thing", "--yes", "--json")
    assert done.returncode == 1
    assert json.loads(done.stdout)["failure"]["code"] == "data_dir.not_a_folder"


def test_another_version_is_named(shop: Shop) -> None:
    place = shop.installed / "thing" / "1.0" / "thing"
    place.parent.mkdir(parents=True)
    place.touch()
    assert "another version is installed: 1.0\n" in shop.run("list").stdout


def test_the_real_programs_are_listed_without_asking_anybody(tmp_path: Path) -> None:
    done = run_word(tmp_path, "programs", "list", "--json")
    assert done.returncode == 0
    names = {one["name"]: one["license"] for one in json.loads(done.stdout)["items"]}
    assert names == {"dragonfly": "BSL 1.1", "typesense": "GPL-3.0"}
    assert list(tmp_path.iterdir()) == []


def test_a_window_is_told_asked_and_told_of_the_end(shop: Shop) -> None:
    with shop.running("install", "thing", "--json") as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert told(process.stdout.readline()) == {"size_bytes": len(ARCHIVE)}
        assert shop.files() == {}
        process.stdin.write(b"\n")
        process.stdin.flush()
        *lines, last = [told(line) for line in process.stdout]
        assert lines[-1] == {"done_bytes": len(ARCHIVE), "size_bytes": len(ARCHIVE)}
        assert last == {"is_installed": True}
        assert process.wait(30) == 0


@pytest.mark.parametrize("is_answered", [False, True])
def test_a_window_that_goes_takes_its_download_along(
    shop: Shop, origin: Origin, is_answered: bool
) -> None:
    origin.hold_after = HALF
    with shop.running("install", "thing", "--json") as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdout.readline()
        if is_answered:
            process.stdin.write(b"\n")
            process.stdin.flush()
            process.stdout.readline()
        process.stdin.close()
        assert process.wait(30) == 1


def test_killed_in_the_middle_it_goes_on_where_it_was(shop: Shop, origin: Origin) -> None:
    origin.hold_after = HALF
    with shop.running("install", "thing", "--yes") as process:
        until(lambda: HALF in shop.files().values(), what="half of it is there")
        process.send_signal(signal.SIGKILL)
        process.wait(30)
    assert list(shop.files().values()) == [HALF]
    assert "    not installed" in shop.run("list").stdout
    origin.hold_after = None
    assert shop.run("install", "thing", "--yes").returncode == 0
    assert origin.asked[-1] == f"bytes={HALF}-"
    assert shop.files() == {"thing/2.0/thing": len(PROGRAM)}


def test_of_two_at_once_the_second_is_sent_away(shop: Shop, origin: Origin) -> None:
    origin.hold_after = HALF
    with shop.running("install", "thing", "--yes") as process:
        until(lambda: HALF in shop.files().values(), what="half of it is there")
        for words in (("install", "thing", "--yes"), ("remove", "thing")):
            second = shop.run(*words)
            assert second.returncode == 1
            assert "Another program is being installed or removed." in second.stderr
        origin.go_on.set()
        assert process.wait(30) == 0
    assert shop.files() == {"thing/2.0/thing": len(PROGRAM)}


@pytest.mark.parametrize("limit", [HALF, len(ARCHIVE) + 1], ids=["archive", "program"])
def test_a_file_that_cannot_be_written_to_its_end_is_not_installed(shop: Shop, limit: int) -> None:
    """The second limit lets the archive through, but not the program in it."""

    def cap() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    done = shop.run("install", "thing", "--yes", preexec_fn=cap)
    assert done.returncode == 1
    assert "could not be written (File too large)" in done.stderr
    assert "thing/2.0/thing" not in shop.files()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a file system")
def test_a_full_disk_is_said_and_not_made_fuller(shop: Shop) -> None:
    shop.installed.mkdir(parents=True)
    mount = ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(shop.installed)]
    if subprocess.run(mount, check=False).returncode:
        pytest.skip("no file system can be mounted here")
    try:
        done = shop.run("install", "thing", "--yes")
        assert done.returncode == 1
        assert "There is too little room on the disk of the data directory." in done.stderr
        assert shop.files() == {}
    finally:
        subprocess.run(["umount", "-l", shop.installed], check=True)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs programs as another user")
def test_the_system_user_can_run_what_root_installed(shop: Shop) -> None:
    assert shop.run("install", "thing", "--yes", umask=0o077).returncode == 0
    path = shop.installed / "thing" / "2.0" / "thing"
    modes = [one.stat().st_mode & 0o777 for one in (path, *path.parents[:3])]
    assert modes == [0o755] * 4
