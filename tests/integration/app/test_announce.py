"""A server in one network, Avahi in another, a cable between them."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from gui.others import others, own_id
from tests.helpers.networks import NEAR, avahi, cable, inside, ip
from tests.helpers.process import ROOT, command, environment

pytestmark = pytest.mark.timeout(60)


@pytest.fixture
def network() -> Iterator[None]:
    with cable():
        yield


@pytest.fixture
def server(network: None, data_dir: Path) -> Iterator["subprocess.Popen[bytes]"]:
    with started(data_dir) as process:
        yield process


@contextmanager
def started(data_dir: Path) -> Iterator["subprocess.Popen[bytes]"]:
    process = subprocess.Popen(
        inside(NEAR, *command("serve", "--lifeline", "--host", "::", "--port", "8080")),
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        cwd=ROOT,
        env=environment(data_dir),
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait(10)
        assert process.stdin is not None
        process.stdin.close()


def test_avahi_sees_the_server_come_change_its_address_and_go(
    server: "subprocess.Popen[bytes]", data_dir: Path, tmp_path: Path
) -> None:
    with avahi(tmp_path, "_revenge._tcp") as browser:
        came = browser.resolved("10.77.0.1")
        assert came[3].startswith("Revenge\\032")
        assert came[8] == "8080"
        assert "version=" in came[9]
        assert (data_dir / "installation-id").read_text().strip() in came[9]

        ip("-n", NEAR, "addr", "del", "10.77.0.1/24", "dev", "near0")
        ip("-n", NEAR, "addr", "add", "10.77.0.9/24", "dev", "near0")
        moved = browser.resolved("10.77.0.9")
        assert moved[3] == came[3]

        assert server.stdin is not None
        server.stdin.close()  # the quickest way to stop
        assert server.wait(5) == 0
        assert browser.gone() == came[3]


def test_a_killed_server_comes_back_under_its_name(
    server: "subprocess.Popen[bytes]", data_dir: Path, tmp_path: Path
) -> None:
    with avahi(tmp_path, "_revenge._tcp") as browser:
        before = browser.resolved("10.77.0.1")
    server.kill()
    server.wait(10)
    with started(data_dir), avahi(tmp_path, "_revenge._tcp") as browser:
        after = browser.resolved("10.77.0.1")
    assert after[3] == before[3]
    assert after[6] != before[6]


def test_a_far_machine_lists_the_server_and_its_tray_offers_it(
    server: "subprocess.Popen[bytes]", data_dir: Path, tmp_path: Path
) -> None:
    with avahi(tmp_path, "_http._tcp") as browser:
        browser.resolved("10.77.0.1")
    words = command("discover", "--seconds", "2", "--json", "--lifeline")
    never_ends, kept_open = os.pipe()
    found = subprocess.run(
        inside(NEAR, *words),
        cwd=ROOT,
        stdin=never_ends,
        capture_output=True,
        check=True,
    )
    assert b"http://10.77.0.1:8080/" in found.stdout
    assert b"http://[fd77::1]:8080/" in found.stdout
    os.close(never_ends)
    os.close(kept_open)
    (other,) = others(found.stdout, "")
    assert other.address in {"http://10.77.0.1:8080/", "http://[fd77::1]:8080/"}
    assert others(found.stdout, own_id(data_dir / "installation-id")) == []


def test_a_search_ends_with_a_killed_tray(network: None) -> None:
    words = inside(NEAR, *command("discover", "--seconds", "60", "--lifeline"))
    with subprocess.Popen(words, cwd=ROOT, stdin=subprocess.PIPE) as search:
        assert search.stdin is not None
        search.stdin.close()
        assert search.wait(20) == 1
