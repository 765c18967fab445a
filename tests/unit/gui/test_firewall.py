"""What is known of a firewall before a port: files and outputs as the firewalls write them."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from gui.firewall import Name, Wall, firewalld, is_beyond_loopback, macos, ufw, usual_zone, windows
from gui.seen import Seen
from gui.windows.overview.presenter import Here, overview
from gui.windows.overview.view import OverviewWindow
from tests.helpers.shown import OPEN, RUNNING

ON = "# comment\nENABLED=yes\nLOGLEVEL=low\n"
RULES = """*filter
:ufw-user-input - [0:0]
### RULES ###

### tuple ### allow tcp 22 0.0.0.0/0 any 0.0.0.0/0 in
-A ufw-user-input -p tcp --dport 22 -j ACCEPT

### tuple ### deny any 9000 0.0.0.0/0 any 0.0.0.0/0 in
### tuple ### allow any 9000 0.0.0.0/0 any 0.0.0.0/0 in
### tuple ### allow tcp 7000:7100 0.0.0.0/0 any 0.0.0.0/0 in
### tuple ### allow tcp 9100 0.0.0.0/0 any 192.168.0.0/16 in comment=666f72
### tuple ### allow tcp 9200 0.0.0.0/0 any 0.0.0.0/0 out
### tuple ### limit any 9300 0.0.0.0/0 any 0.0.0.0/0 in
### tuple ### allow tcp 80,443 0.0.0.0/0 any 0.0.0.0/0 Nginx%20Full - in
### tuple ### allow any 9400 0.0.0.0/0 any 0.0.0.0/0 in_eth0
### tuple ### allow udp 9500 0.0.0.0/0 any 0.0.0.0/0 in
### tuple ### allow any any 0.0.0.0/0 any 192.168.1.7 in
### tuple ### allow tcp many 0.0.0.0/0
### END RULES ###
"""


def written(folder: Path, conf: str, rules: str, policy: str = "DROP") -> tuple[Path, Path]:
    (folder / "ufw.conf").write_text(conf)
    (folder / "user.rules").write_text(rules)
    (folder / "defaults").write_text(f'DEFAULT_INPUT_POLICY="{policy}"\n')
    return folder, folder / "defaults"


@pytest.mark.parametrize(
    ("port", "is_open"),
    [
        (22, True),
        (443, True),
        (7050, True),
        (7101, False),
        (8080, False),
        (9000, False),
        (9100, True),
        (9200, False),
        (9300, True),
        (9400, True),
        (9500, False),
    ],
)
def test_ufw_is_in_the_way_where_no_rule_opens_the_port(
    tmp_path: Path, port: int, is_open: bool
) -> None:
    expected = None if is_open else Wall(name="ufw", port=port, is_sure=True)
    assert ufw(port, *written(tmp_path, ON, RULES)) == expected


def test_ufw_that_is_off_or_lets_everything_in_is_not_in_the_way(tmp_path: Path) -> None:
    assert ufw(8080, tmp_path / "absent", tmp_path / "absent") is None
    assert ufw(8080, *written(tmp_path, "ENABLED=no\n", RULES)) is None
    assert ufw(8080, *written(tmp_path, "\0" * 99, RULES)) is None
    assert ufw(8080, *written(tmp_path, ON, RULES, policy="ACCEPT")) is None


def test_of_rules_that_may_not_be_read_nothing_is_claimed(tmp_path: Path) -> None:
    folder, defaults = written(tmp_path, ON, "")
    assert ufw(8080, folder, defaults) == Wall(name="ufw", port=8080, is_sure=True)
    (folder / "user.rules").unlink()
    (folder / "user.rules").mkdir()
    assert ufw(8080, folder, defaults) == Wall(name="ufw", port=8080, is_sure=False)


def test_ufw_itself_writes_what_is_read(tmp_path: Path) -> None:
    if os.geteuid() != 0 or shutil.which("ufw") is None:
        pytest.skip("needs root and ufw")
    folder = tmp_path / "ufw"
    inside = (
        f"cp -a /etc/ufw {folder} && mount --bind {folder} /etc/ufw && ufw --force enable && "
        "ufw allow 22/tcp && ufw allow 8080:8090/tcp"
    )
    done = subprocess.run(
        ["unshare", "--net", "--mount", "sh", "-c", inside], capture_output=True, check=False
    )
    if done.returncode != 0:
        pytest.skip(f"no network can be made here: {done.stderr.decode()[:200]}")
    assert ufw(8085, folder) is None
    assert ufw(9999, folder) == Wall(name="ufw", port=9999, is_sure=True)


def test_firewalld_is_asked_only_where_no_password_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    program(tmp_path / "firewall-cmd", f"echo '{ZONE}'")
    assert usual_zone() is None
    program(tmp_path / "pkcheck", "exit 2")
    assert usual_zone() is None
    program(tmp_path / "pkcheck", "exit 0")
    assert firewalld(usual_zone() or "", 8080) == Wall(name="firewalld", port=8080, is_sure=True)
    program(tmp_path / "firewall-cmd", "echo not running; exit 252")
    assert usual_zone() is None


def program(path: Path, source: str) -> None:
    path.write_text(f"#!/bin/sh\n{source}\n")
    path.chmod(0o755)


ZONE = """public (active)
  target: default
  icmp-block-inversion: no
  interfaces: eth0
  sources:
  services: dhcpv6-client ssh
  ports: 9000/udp 1025-2000/tcp 8081/tcp
  protocols:
  forward: yes
  masquerade: no
  forward-ports:
  source-ports:
  icmp-blocks:
  rich rules:
"""


@pytest.mark.parametrize(
    ("said", "port", "is_open"),
    [
        (ZONE, 8080, False),
        (ZONE, 8081, True),
        (ZONE, 1500, True),
        (ZONE, 9000, False),
        (ZONE.replace("default", "ACCEPT"), 8080, True),
        (ZONE.replace("default", "%%REJECT%%"), 8080, False),
        ("FirewallD is not running\n", 8080, True),
        ("", 8080, True),
        ("\0" * 999, 8080, True),
    ],
)
def test_firewalld_is_in_the_way_where_its_zone_does_not_open_the_port(
    said: str, port: int, is_open: bool
) -> None:
    expected = None if is_open else Wall(name="firewalld", port=port, is_sure=True)
    assert firewalld(said, port) == expected


def test_macos_is_in_the_way_where_it_lets_nothing_in() -> None:
    assert macos("Firewall is disabled. (State = 0)\n", 8080) is None
    assert macos("Firewall is enabled. (State = 1)\n", 8080) is None
    blocked = "Firewall is blocking all non-essential incoming connections. (State = 2)\n"
    assert macos(blocked, 8080) == Wall(name="macos", port=8080, is_sure=True)


_ALLOW = "v2.30|Action=Allow|Active=TRUE|Dir=In|Protocol=6|"


@pytest.mark.parametrize(
    ("rule", "is_open"),
    [
        (f"{_ALLOW}LPort=8080|Name=x|", True),
        (f"{_ALLOW}Profile=Private|LPort=80|LPort=8080|Name=x|", True),
        (f"{_ALLOW}LPort2_10=8000-9000|Name=x|", True),
        (f"{_ALLOW}App=C:\\Program Files\\Revenge\\revenge-server.exe|Name=x|", True),
        (f"{_ALLOW}LPort=8081|Name=x|", False),
        (f"{_ALLOW}LPort=RPC|Name=x|", False),
        (f"{_ALLOW}LPort=8080|".replace("TRUE", "FALSE"), False),
        (f"{_ALLOW}LPort=8080|".replace("Allow", "Block"), False),
        (f"{_ALLOW}LPort=8080|".replace("Dir=In", "Dir=Out"), False),
        ("", False),
        ("=|=|==", False),
    ],
)
def test_windows_may_be_in_the_way_where_no_rule_opens_the_port(rule: str, is_open: bool) -> None:
    expected = None if is_open else Wall(name="windows", port=8080, is_sure=False)
    assert windows([rule], 8080) == expected
    assert windows(None, 8080) is None


@pytest.mark.parametrize("name", ["ufw", "firewalld", "windows", "macos"])
def test_the_overview_says_what_to_do_where_others_are_to_come_in(name: Name) -> None:
    here = Here(lan_hosts=["192.168.1.5"], wall=Wall(name=name, port=8080, is_sure=True))
    page = overview(OPEN, Seen(), here)
    assert page.wall.startswith("The firewall of this computer (")
    assert "firewall." not in page.wall
    assert ("8080" in page.way_in) is (name != "macos")
    assert overview(RUNNING, Seen(), here).wall == "", "only this computer is to come in"
    assert overview(OPEN, Seen(), Here(lan_hosts=["192.168.1.5"])).way_in == ""


def test_the_command_is_shown_and_copied(qtbot: QtBot) -> None:
    window = OverviewWindow()
    qtbot.addWidget(window)
    window.show()
    here = Here(lan_hosts=["192.168.1.5"], wall=Wall(name="ufw", port=8080, is_sure=False))
    window.present(overview(OPEN, Seen(), here))
    window.addresses.copy.click()
    assert QGuiApplication.clipboard().text() == "sudo ufw allow 8080/tcp"
    window.present(overview(OPEN, Seen(), Here()))
    assert not window.addresses.way_in.isVisible()


@pytest.mark.parametrize(
    ("host", "is_beyond"), [("127.0.0.1", False), ("::1", False), ("::", True), ("10.0.0.1", True)]
)
def test_only_what_listens_for_others_needs_a_way_in(host: str, is_beyond: bool) -> None:
    assert is_beyond_loopback(host) is is_beyond
