"""A server in one network, Avahi in another, a cable between them."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.helpers.networks import NEAR, avahi, cable, inside, ip
from tests.helpers.process import ROOT, command, environment

pytestmark = pytest.mark.timeout(60)


@pytest.fixture
def network() -> Iterator[None]:
    with cable():
        yield


@pytest.fixture
def server(network: None, data_dir: Path) -> Iterator["subprocess.Popen[bytes]"]:
    process = subprocess.Popen(
        inside(NEAR, *command("serve", "--lifeline", "--host", "::", "--port", "8080")),
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        cwd=ROOT,
        env=environment(data_dir),
    )
    yield process
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


def test_a_far_machine_lists_the_server(server: "subprocess.Popen[bytes]", tmp_path: Path) -> None:
    with avahi(tmp_path, "_http._tcp") as browser:
        browser.resolved("10.77.0.1")
    words = command("discover", "--seconds", "2", "--json")
    found = subprocess.run(
        inside(NEAR, *words), cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert "http://10.77.0.1:8080/" in found.stdout
    assert "http://[fd77::1]:8080/" in found.stdout
