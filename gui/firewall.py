"""Whether a firewall of this computer keeps others from a port, as far as its user may know. Without Qt."""

import contextlib
import ipaddress
import os
import re
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final, Literal

from msgspec import Struct

Name = Literal["ufw", "firewalld", "windows", "macos"]
_TIMEOUT_S: Final = 5
_UFW: Final = Path("/etc/ufw")
_UFW_DEFAULTS: Final = Path("/etc/default/ufw")
_FIREWALLD: Final = ("firewall-cmd", "--list-all")
_FIREWALLD_ACTION: Final = "org.fedoraproject.FirewallD1.config.info"
_MACOS: Final = ("/usr/libexec/ApplicationFirewall/socketfilterfw", "--getglobalstate")
_WINDOWS: Final = r"SYSTEM\CurrentControlSet\Services\SharedAccess\Parameters\FirewallPolicy"
_WINDOWS_PROFILES: Final = ("StandardProfile", "PublicProfile")


class Wall(Struct, frozen=True, kw_only=True):
    """A firewall that keeps others from a port; it only may where `is_sure` is false, because its rules cannot be seen."""

    name: Name
    port: int
    is_sure: bool


def is_beyond_loopback(host: str) -> bool:
    """Return whether what listens there is meant for other computers too."""
    return not ipaddress.ip_address(host).is_loopback


def wall_before(port: int) -> Wall | None:
    """Return the firewall before a TCP port; None where there is none, or nothing is known of it. Blocking."""
    match sys.platform:
        case "win32":
            return windows(_registry(), port)
        case "darwin":
            return macos(_said(_MACOS) or "", port)
        case _:
            return ufw(port) or firewalld(usual_zone() or "", port)


def ufw(port: int, folder: Path = _UFW, defaults: Path = _UFW_DEFAULTS) -> Wall | None:
    """Return ufw where it is on and has no rule that opens the port; most users may not read its rules."""
    is_on = re.search(r"(?mi)^ENABLED=\"?yes", _text(folder / "ufw.conf"))
    keeps = not re.search(r"(?m)^DEFAULT_INPUT_POLICY=\"?ACCEPT", _text(defaults))
    if not (is_on and keeps):
        return None
    try:
        rules = (folder / "user.rules").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return Wall(name="ufw", port=port, is_sure=False)
    return None if _ufw_opens(rules, port) else Wall(name="ufw", port=port, is_sure=True)


def _ufw_opens(rules: str, port: int) -> bool:
    """Return what the first rule for the port and a whole network does.

    It reads `### tuple ### ACTION PROTOCOL PORTS TO FROM_PORTS FROM DIRECTION`.
    """
    for line in rules.splitlines():
        match line.split():
            case ["###", "tuple", "###", action, ("tcp" | "any"), ports, _, _, source, *rest] if (
                "out" not in rest and "/" in source and _covers(ports.split(","), port)
            ):
                return action.startswith(("allow", "limit"))
    return False


def firewalld(said: str, port: int) -> Wall | None:
    """Return firewalld where the usual zone, as `--list-all` prints it, does not open the port."""
    fields = dict(re.findall(r"(?m)^ +([a-z-]+): *(.*)$", said))
    if "target" not in fields or fields["target"] == "ACCEPT":
        return None
    ports = [one.removesuffix("/tcp") for one in fields.get("ports", "").split() if "/tcp" in one]
    return None if _covers(ports, port) else Wall(name="firewalld", port=port, is_sure=True)


def macos(said: str, port: int) -> Wall | None:
    """Return the firewall of macOS where it lets nothing in; else macOS asks once for each program."""
    blocks_all = re.search(r"State = 2\)", said)
    return Wall(name="macos", port=port, is_sure=True) if blocks_all else None


def windows(rules: Iterable[str] | None, port: int) -> Wall | None:
    """Return the firewall of Windows where none of its rules opens the port or is for Revenge; None are the rules of one that is off."""
    if rules is None or any(_windows_opens(rule, port) for rule in rules):
        return None
    return Wall(name="windows", port=port, is_sure=False)


def _windows_opens(rule: str, port: int) -> bool:
    """Return whether a rule `v2.30|Action=Allow|Active=TRUE|Dir=In|Protocol=6|LPort=8080|App=…|` does."""
    parts = [tuple(part.split("=", 1)) for part in rule.split("|") if "=" in part]
    if not {("Action", "Allow"), ("Active", "TRUE"), ("Dir", "In")} <= set(parts):
        return False
    ports = [value for name, value in parts if name.startswith("LPort")]
    is_ours = any(name == "App" and "revenge" in value.lower() for name, value in parts)
    return is_ours or (("Protocol", "6") in parts and _covers(ports, port))


def _covers(ports: Iterable[str], port: int) -> bool:
    """Return whether ports such as `8080`, `8000:9000`, `8000-9000` or `any` hold a port."""
    for one in ports:
        if one == "any":
            return True
        with contextlib.suppress(ValueError):
            first, _, last = one.replace(":", "-").partition("-")
            if int(first) <= port <= int(last or first):
                return True
    return False


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def usual_zone() -> str | None:
    """Return the usual zone of firewalld, if polkit tells it us without asking a person for a password, who would not know why."""
    process = str(os.getpid())
    may_ask = _said(("pkcheck", "--action-id", _FIREWALLD_ACTION, "--process", process))
    return None if may_ask is None else _said(_FIREWALLD)


def _said(command: Sequence[str]) -> str | None:
    """Return what a program prints; None where it is not there, fails or takes too long."""
    try:
        done = subprocess.run(  # noqa: S603 (ours)
            command, capture_output=True, timeout=_TIMEOUT_S, check=True, stdin=subprocess.DEVNULL
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.decode(errors="replace")


def _registry() -> list[str] | None:
    """Return the rules of the firewall of Windows; None where it is off."""
    is_on, rules = False, list[str]()
    if sys.platform == "win32":
        import winreg  # noqa: PLC0415 (exists on Windows only)

        root = winreg.HKEY_LOCAL_MACHINE
        for profile in _WINDOWS_PROFILES:
            with (
                contextlib.suppress(OSError),
                winreg.OpenKey(root, rf"{_WINDOWS}\{profile}") as key,
            ):
                is_on = is_on or bool(winreg.QueryValueEx(key, "EnableFirewall")[0])
        with (
            contextlib.suppress(OSError),
            winreg.OpenKey(root, rf"{_WINDOWS}\FirewallRules") as key,
        ):
            rules = [str(winreg.EnumValue(key, n)[1]) for n in range(winreg.QueryInfoKey(key)[1])]
    return rules if is_on else None
