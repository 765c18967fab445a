"""Keyrings for tests: one of the system, and some that fail in their own way."""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

import pytest
from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked

_PROGRAMS = ("dbus-daemon", "gnome-keyring-daemon")
_PASSWORD = b"of the login"


class Hanging(KeyringBackend):
    """Waits for somebody who never comes."""

    priority = 1

    def get_password(self, service: str, username: str) -> NoReturn:
        """Never answer."""
        while True:
            time.sleep(1)

    set_password = delete_password = get_password  # type: ignore[assignment]


class Locked(KeyringBackend):
    """Was not unlocked."""

    priority = 1

    def get_password(self, service: str, username: str) -> NoReturn:
        """Refuse."""
        raise KeyringLocked("Failed to unlock the collection!")

    set_password = delete_password = get_password  # type: ignore[assignment]


@contextmanager
def secret_service(folder: Path) -> Iterator[str]:
    """Run GNOME's keyring on a bus of its own, unlocked; yields the address of the bus. Skips where that is not installed."""
    missing = [program for program in _PROGRAMS if shutil.which(program) is None]
    if missing:
        pytest.skip(f"no keyring to be tried: {', '.join(missing)} not found")
    bus = ["dbus-daemon", "--session", "--nofork", "--print-address"]
    with subprocess.Popen(bus, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as running:
        assert running.stdout is not None
        address = running.stdout.readline().decode().strip()
        env = {
            **os.environ,
            "DBUS_SESSION_BUS_ADDRESS": address,
            "XDG_DATA_HOME": str(folder),
            "XDG_RUNTIME_DIR": str(folder),
        }
        words = ["gnome-keyring-daemon", "--unlock", "--components=secrets", "--foreground"]
        quiet = subprocess.DEVNULL
        with subprocess.Popen(
            words, env=env, stdin=subprocess.PIPE, stdout=quiet, stderr=quiet
        ) as daemon:
            assert daemon.stdin is not None
            daemon.stdin.write(_PASSWORD)
            daemon.stdin.close()
            try:
                yield address
            finally:
                daemon.kill()
                running.kill()
