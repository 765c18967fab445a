"""The keyring of the system, in which the windows keep their session: a process of its own, for it may ask somebody, or hang."""

import os
import sys
from typing import Final, Literal

from keyring import backend, core
from keyring.backend import KeyringBackend
from keyring.errors import NoKeyringError

from app import lifeline
from app.paths import find_paths

Deed = Literal["read", "keep", "forget"]
_SERVICE: Final = "Revenge"
_OF_SYSTEMS: Final = frozenset(
    f"keyring.backends.{name}"
    for name in ("SecretService", "libsecret", "kwallet", "macOS", "Windows")
)


def do(deed: Deed) -> int:
    """Print, replace by the first line of stdin, or remove what is kept for this data directory; 1 where that cannot be done.

    Ends with stdin, whatever the keyring waits for.
    """
    line = sys.stdin.buffer.readline().decode().rstrip("\n") if deed == "keep" else ""
    lifeline.watch(lambda: os._exit(1))
    entry = str(find_paths().data_dir)
    try:
        keyring = _keyring()
        match deed:
            case "read":
                sys.stdout.buffer.write((keyring.get_password(_SERVICE, entry) or "").encode())
            case "keep":
                keyring.set_password(_SERVICE, entry, line)
                return int(keyring.get_password(_SERVICE, entry) != line)
            case "forget":
                keyring.delete_password(_SERVICE, entry)
    except Exception:  # noqa: BLE001 (each keyring has errors of its own)
        return 1
    return 0


def _keyring() -> KeyringBackend:
    """Return the one that the environment names, else the system's: others would keep it in plain text. Raises: NoKeyringError."""
    if named := core.load_env():
        return named
    ours = [one for one in backend.get_all_keyring() if type(one).__module__ in _OF_SYSTEMS]
    if not ours:
        raise NoKeyringError
    return max(ours, key=lambda one: one.priority)
