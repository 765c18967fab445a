"""Two small networks of their own on this machine, a cable between them, and Avahi at the far end."""

import contextlib
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

NEAR, FAR = "revenge-near", "revenge-far"
_BUS = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>system</type><listen>unix:path={path}</listen><auth>EXTERNAL</auth><auth>ANONYMOUS</auth>
<policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/>
<allow own="*"/><allow user="*"/></policy></busconfig>
"""
_AVAHI = ("avahi-daemon", "--no-drop-root", "--no-rlimits", "--no-chroot")
_PROGRAMS = ("ip", "avahi-daemon", "avahi-browse", "dbus-daemon")


def ip(*words: str) -> None:
    """Change the network. Raises: CalledProcessError."""
    subprocess.run(["ip", *words], check=True, capture_output=True)


@contextlib.contextmanager
def cable() -> Iterator[None]:
    """Lay a cable from 10.77.0.1 in one network to 10.77.0.2 in the other; skips where that is not allowed."""
    missing = [program for program in _PROGRAMS if shutil.which(program) is None]
    if os.geteuid() != 0 or missing:
        pytest.skip(f"needs root and {', '.join(missing or _PROGRAMS)}")
    try:
        for name in (NEAR, FAR):
            ip("netns", "add", name)
            ip("-n", name, "link", "set", "lo", "up")
        ip("link", "add", "near0", "netns", NEAR, "type", "veth", "peer", "far0", "netns", FAR)
    except subprocess.CalledProcessError as error:
        _remove()
        pytest.skip(f"no network can be made here: {error.stderr.decode()}")
    try:
        for name, card, number in ((NEAR, "near0", 1), (FAR, "far0", 2)):
            ip("-n", name, "addr", "add", f"10.77.0.{number}/24", "dev", card)
            ip("-n", name, "addr", "add", f"fd77::{number}/64", "dev", card, "nodad")
            ip("-n", name, "link", "set", card, "up")
        yield
    finally:
        _remove()


def _remove() -> None:
    for name in (NEAR, FAR):
        subprocess.run(["ip", "netns", "del", name], check=False, capture_output=True)


def inside(name: str, *words: str) -> list[str]:
    """Return the command line that runs a program in one of the networks."""
    return ["ip", "netns", "exec", name, *words]


class Browser:
    """What Avahi at the far end sees of one kind of service; events are told once."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def resolved(self, address: str) -> list[str]:
        """Return the next event by which a service at this address is known."""
        while (event := self._next("="))[7] != address:
            pass
        return event

    def gone(self) -> str:
        """Return the name of the next service that goes."""
        return self._next("-")[3]

    def _next(self, sign: str) -> list[str]:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            fields = line.rstrip("\n").split(";")
            if fields[0] == sign:
                return fields
        raise AssertionError("Avahi ended")


@contextlib.contextmanager
def avahi(folder: Path, kind: str) -> Iterator[Browser]:
    """Run Avahi in the far network with a bus of its own, and watch one kind of service."""
    bus = folder / "bus"
    (folder / "bus.conf").write_text(_BUS.format(path=bus))
    own = {**os.environ, "DBUS_SYSTEM_BUS_ADDRESS": f"unix:path={bus}"}
    # its pid file has one fixed place: a file system of its own there keeps it from the machine's
    daemon = ("sh", "-c", 'mount -t tmpfs tmpfs /run && exec "$0" "$@"', *_AVAHI)
    commands = (
        ["dbus-daemon", f"--config-file={folder / 'bus.conf'}", "--nofork"],
        inside(FAR, *daemon),
    )
    with contextlib.ExitStack() as stack:
        for command in commands:
            stack.enter_context(_running(command, own))
            time.sleep(0.5)
        browse = inside(FAR, "avahi-browse", "--parsable", "--resolve", "--no-db-lookup", kind)
        yield Browser(stack.enter_context(_running(browse, own)))


@contextlib.contextmanager
def _running(command: list[str], env: dict[str, str]) -> Iterator["subprocess.Popen[str]"]:
    process = subprocess.Popen(
        command, env=env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait(10)
        assert process.stdout is not None
        process.stdout.close()
