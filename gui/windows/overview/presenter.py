"""What the overview says. Without Qt."""

import ipaddress
from collections.abc import Iterable, Sequence
from typing import Final, Literal
from urllib.parse import urlsplit

from msgspec import Struct

from gui.api import Library, Result, Scan, Status
from gui.condition import Condition, ended, fares, lack, missing, need, part, retry
from gui.firewall import Name, Wall
from gui.seen import Disk, Seen, clock, size
from gui.texts import t

Mark = Literal["good", "warn", "bad", "faint"]
SIGNS: Final[dict[Mark, str]] = {"good": "●", "warn": "◐", "bad": "○", "faint": "◌"}
"""The shape tells as much as the colour."""


NAMES: Final[dict[Name, str]] = {
    "ufw": "ufw",
    "firewalld": "firewalld",
    "windows": "Windows",
    "macos": "macOS",
}
COMMANDS: Final[dict[Name, str]] = {
    "ufw": "sudo ufw allow {port}/tcp",
    "firewalld": "sudo firewall-cmd --permanent --add-port={port}/tcp && sudo firewall-cmd --reload",
    "windows": "netsh advfirewall firewall add rule name=Revenge dir=in action=allow protocol=TCP localport={port}",
}


class Row(Struct, frozen=True, kw_only=True):
    """A line of a card. `share` of 0 to 1 draws a bar; `stop_id` offers to stop what plays."""

    mark: Mark | None = None
    title: str
    text: str = ""
    share: float | None = None
    stop_id: str = ""


class Way(Struct, frozen=True, kw_only=True):
    """A way out of what is wrong: a deed of the desk."""

    text: str
    deed: Literal["other_port", "open_path", "restart", "diagnostics"]
    target: str = ""


class Here(Struct, frozen=True, kw_only=True):
    """What this computer tells: its addresses in its networks, the firewall before the server, and who the windows are."""

    lan_hosts: Sequence[str] = ()
    wall: Wall | None = None
    user: str = ""
    is_session_in_file: bool = False


class Overview(Struct, frozen=True, kw_only=True):
    """The whole page; `hint` stands in for sections that cannot be seen now. `way_in` is a command against the `wall`."""

    title: str
    text: str
    retry: str
    ways: Sequence[Way]
    parts: Sequence[Row]
    addresses: Sequence[str]
    addresses_hint: str
    wall: str
    way_in: str
    account: str
    hint: str
    playing: Sequence[Row]
    scans: Sequence[Row]
    disks: Sequence[Row]


def overview(condition: Condition, seen: Seen, here: Here) -> Overview:
    """Return the page."""
    status = condition.status
    found = addresses(status.host, status.address, here.lan_hosts) if status else []
    wall = here.wall if found and is_for_phones(found[0]) else None
    known = seen if condition.is_ready else Seen()
    return Overview(
        title=t(f"situation.{condition.situation}"),
        text=_reason(condition),
        retry=retry(condition),
        ways=ways(condition),
        parts=[_program(condition), *(_part(check, status) for check in known.checks)],
        addresses=found,
        addresses_hint=_hint(found),
        wall=_wall(wall) if wall else "",
        way_in=_way_in(wall) if wall else "",
        account=_account(here) if known.is_signed_in else "",
        hint=_hidden(condition, known),
        playing=[
            Row(
                title=one.title,
                text=t(
                    "overview.playing_line",
                    profile=one.profile_name,
                    device=one.device or t("overview.device"),
                    position=clock(one.position_ms),
                ),
                share=one.position_ms / one.length_ms if one.length_ms else None,
                stop_id=str(one.session_id),
            )
            for one in known.playing
        ],
        scans=[_scan(one) for one in known.libraries],
        disks=[_disk(one) for one in known.disks],
    )


def ways(condition: Condition) -> list[Way]:
    """Return the ways out of what is wrong, the likeliest first."""
    if condition.failure is None and condition.situation != "degraded":
        return []
    context = condition.failure.context if condition.failure else {}
    port, file = condition.free_port, context.get("config_file")
    folder = context.get("near") or context.get("folder")
    found = [Way(text=t("way.diagnostics"), deed="diagnostics")]
    if condition.failure is not None:
        found.insert(0, Way(text=t("way.restart"), deed="restart"))
    if folder or file:
        code = "way.open_config" if file else "way.open_folder"
        found.insert(0, Way(text=t(code), deed="open_path", target=str(file or folder)))
    if port:
        text = t("way.other_port", port=port)
        found.insert(0, Way(text=text, deed="other_port", target=str(port)))
    return found


def addresses(host: str, address: str, lan_hosts: Iterable[str]) -> list[str]:
    """Return where the pages can be opened: from the network first, then from this computer."""
    if not ipaddress.ip_address(host).is_unspecified:
        return [address]
    cards = [ipaddress.ip_address(one) for one in lan_hosts]
    outside = [one for one in cards if not (one.is_loopback or one.is_link_local)]
    return [*(f"http://{one}:{urlsplit(address).port}/" for one in outside), address]


def is_for_phones(address: str) -> bool:
    """Return whether others in the network can open an address."""
    host = urlsplit(address).hostname or ""
    return not ipaddress.ip_address(host).is_loopback


def _hint(found: Sequence[str]) -> str:
    if not found:
        return t("overview.no_address")
    return t("overview.address_hint" if is_for_phones(found[0]) else "overview.local_only")


def _wall(wall: Wall) -> str:
    """Return what a firewall does, and where that is changed."""
    does = t("firewall.blocks" if wall.is_sure else "firewall.may_block", name=NAMES[wall.name])
    return f"{does} {t(f'firewall.place_{wall.name}')}"


def _way_in(wall: Wall) -> str:
    """Return the command that opens the port; empty where there is none."""
    return COMMANDS.get(wall.name, "").format(port=wall.port)


def _account(here: Here) -> str:
    signed_in = t("overview.account", name=here.user)
    return f"{signed_in} {t('overview.in_file')}" if here.is_session_in_file else signed_in


def _hidden(condition: Condition, seen: Seen) -> str:
    if not condition.is_ready:
        return t("overview.not_ready")
    return "" if seen.is_signed_in else t("overview.sign_in")


def _reason(condition: Condition) -> str:
    if condition.situation == "starting" and condition.status:
        return t(f"phase.{condition.status.phase}")
    version = condition.status.version if condition.status else ""
    told = need(condition) or " ".join(missing(condition))
    return told or (t("overview.version", version=version) if version else "")


def _program(condition: Condition) -> Row:
    status = condition.status
    marks: dict[str, Mark] = {"running": "good", "degraded": "warn", "failed": "bad"}
    return Row(
        mark=marks.get(condition.situation, "faint"),
        title=t("part.server"),
        text=ended(status.postgres if status else None) or t(f"short.{condition.situation}"),
    )


def _part(check: Result, status: Status | None) -> Row:
    marks: dict[str, Mark] = {"healthy": "good", "unknown": "faint"}
    away: Mark = "bad" if check.category == "critical" else "warn"
    reason = lack(check, status) if check.state == "unhealthy" else ""
    return Row(mark=marks.get(check.state, away), title=part(check), text=reason or fares(check))


def _scan(library: Library) -> Row:
    scan, title = library.scan, library.name
    state = scan.state if scan else None
    if scan is None or state == "waiting":
        return Row(mark="faint", title=title, text=t("scan.waiting" if scan else "scan.never"))
    if state == "running":
        share = scan.done_count / scan.found_count if scan.found_count else None
        return Row(mark="faint", title=title, text=_scanning(scan), share=share)
    if state == "failed":
        return Row(mark="bad", title=title, text=scan.error.detail if scan.error else "")
    unread = f" {t('scan.unread', count=scan.error_count)}" if scan.error_count else ""
    text = t("scan.done", count=library.item_count) + unread
    return Row(mark="warn" if unread else "good", title=title, text=text)


def _scanning(scan: Scan) -> str:
    if scan.phase == "walk":
        return t("scan.walking", found=scan.found_count)
    return t("scan.probing", done=scan.done_count, found=scan.found_count)


def _disk(disk: Disk) -> Row:
    if not disk.total_bytes:
        return Row(mark="bad", title=disk.path, text=t("disk.away"))
    text = t("disk.free", free=size(disk.free_bytes), total=size(disk.total_bytes))
    share = 1 - disk.free_bytes / disk.total_bytes
    return Row(mark="warn" if disk.is_low else "good", title=disk.path, text=text, share=share)
