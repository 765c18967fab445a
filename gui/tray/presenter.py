"""What the mark in the panel shows and offers. Without Qt."""

from collections.abc import Sequence
from typing import Literal
from urllib.parse import urlsplit

from msgspec import Struct

from gui.condition import Condition, missing, need, retry
from gui.look import Shape
from gui.others import Other
from gui.seen import Seen, clock, size
from gui.texts import t

Deed = Literal[
    "open",
    "others",
    "other",
    "sign_in",
    "libraries",
    "profiles",
    "settings",
    "sign_out",
    "scan",
    "playing",
    "stop",
    "pause",
    "health",
    "logs",
    "diagnostics",
    "autostart",
    "restart",
    "other_port",
    "quit",
]


class Entry(Struct, frozen=True, kw_only=True):
    """A line of the menu; one without a deed is a line between groups."""

    text: str = ""
    deed: Deed | None = None
    target: str = ""
    is_enabled: bool = True
    is_checked: bool | None = None
    below: Sequence["Entry"] = ()


def shape(condition: Condition, seen: Seen) -> Shape:
    """Return how the mark looks: a dot where somebody must act, a broken ring where something is away."""
    if need(condition) or any(disk.is_low for disk in seen.disks):
        return "sail-dot"
    return "sail" if condition.situation == "running" else "sail-broken"


def tooltip(condition: Condition, seen: Seen) -> str:
    """Return the lines beside the mark: how the server fares, and what goes on."""
    lines = [t("app.name"), t(f"situation.{condition.situation}")]
    status = condition.status
    if condition.situation == "starting" and status and not status.is_ready:
        lines.append(progress(condition))
    if needs := need(condition):
        lines.append(needs)
    lines += troubles(condition, seen)
    if again := retry(condition):
        lines.append(again)
    if seen.playing and condition.is_ready:
        lines.append(t("tray.playing_count", count=len(seen.playing)))
    scanning = [one.name for one in seen.libraries if one.scan and one.scan.state == "running"]
    if scanning and condition.is_ready:
        lines.append(t("tray.scanning", libraries=", ".join(scanning)))
    if seen.is_paused and condition.is_ready:
        lines.append(t("tray.paused"))
    return "\n".join(lines)


def troubles(condition: Condition, seen: Seen) -> list[str]:
    """Return what is wrong with a server that runs, a sentence each: parts that are away, disks that are nearly full."""
    disks = [one for one in seen.disks if one.is_low] if condition.is_ready else []
    full = [t("tray.disk_low", path=one.path, free=size(one.free_bytes)) for one in disks]
    return [*missing(condition), *full]


def progress(condition: Condition) -> str:
    """Return how far a start is, such as `Bringing data up to date (3 of 17)`."""
    status = condition.status
    if status is None:
        return ""
    phase = t(f"phase.{status.phase}")
    if not status.total_count:
        return phase
    return t("phase.count", phase=phase, done=status.done_count, total=status.total_count)


def menu(
    condition: Condition,
    seen: Seen,
    *,
    starts_at_login: bool,
    others: Sequence[Other] | None = None,
) -> list[Entry]:
    """Return the menu; `others` are servers in the network, None while nobody looked."""
    is_ready = condition.is_ready
    may = is_ready and seen.is_signed_in
    playing = tuple(
        Entry(
            text=t(
                "tray.stop_playing", what=_playing(one.title, one.profile_name, one.position_ms)
            ),
            deed="stop",
            target=str(one.session_id),
        )
        for one in seen.playing
    ) or (Entry(text=t("tray.nothing_plays"), deed="playing", is_enabled=False),)
    port = str(condition.free_port or "")
    return [
        *(
            [Entry(text=t("tray.other_port", port=port), deed="other_port", target=port)]
            if port
            else []
        ),
        *_wrong(condition, seen),
        Entry(text=t("tray.open"), deed="open", is_enabled=is_ready),
        Entry(text=t("tray.others"), deed="others", below=_others(others)),
        _sign(seen, is_enabled=is_ready),
        Entry(),
        Entry(text=t("tray.libraries"), deed="libraries", is_enabled=may),
        Entry(text=t("tray.profiles"), deed="profiles", is_enabled=may),
        *_settings(seen, is_ready=is_ready),
        Entry(text=t("tray.scan"), deed="scan", is_enabled=may and bool(seen.libraries)),
        Entry(text=t("tray.playing"), deed="playing", is_enabled=may, below=playing),
        Entry(text=t("tray.pause"), deed="pause", is_enabled=may, is_checked=seen.is_paused),
        Entry(),
        Entry(text=t("tray.health"), deed="health"),
        Entry(
            text=t("tray.logs"),
            deed="logs",
            is_enabled=condition.situation not in {"stopped", "failed"},
        ),
        Entry(text=t("tray.diagnostics"), deed="diagnostics"),
        Entry(),
        Entry(text=t("tray.autostart"), deed="autostart", is_checked=starts_at_login),
        Entry(text=t("tray.restart"), deed="restart", is_enabled=condition.situation != "stopping"),
        Entry(text=t("tray.quit"), deed="quit"),
    ]


def _settings(seen: Seen, *, is_ready: bool) -> list[Entry]:
    """Return a line for those who may change the settings."""
    if not (is_ready and seen.may_edit_settings):
        return []
    return [Entry(text=t("tray.settings"), deed="settings")]


def _wrong(condition: Condition, seen: Seen) -> list[Entry]:
    """Return a line for each thing that is wrong, then one between the groups."""
    told = [condition.reason] if condition.reason else troubles(condition, seen)
    return [*(Entry(text=_brief(one), deed="health") for one in told), *([Entry()] if told else [])]


def _brief(text: str) -> str:
    """Return what happened, as a line of a menu: the health window says the rest."""
    return text.partition(". ")[0].partition("; ")[0].removesuffix(".")


def _others(others: Sequence[Other] | None) -> list[Entry]:
    """Return the servers below a line about them: it comes first, so that a menu may grow while it is open."""
    heading = "looking" if others is None else "found" if others else "none"
    return [
        Entry(text=t(f"tray.others_{heading}"), deed="others", is_enabled=False),
        *(Entry(text=_other(one), deed="other", target=one.address) for one in others or ()),
    ]


def _other(other: Other) -> str:
    """Return the line of a server; a name that runs from right to left stays in its place."""
    said = [f"\u2068{one}\u2069" for one in (other.name, other.version) if one]
    return " · ".join([*said, urlsplit(other.address).netloc])


def _sign(seen: Seen, *, is_enabled: bool) -> Entry:
    if seen.is_signed_in:
        return Entry(text=t("tray.sign_out"), deed="sign_out", is_enabled=is_enabled)
    return Entry(text=t("tray.sign_in"), deed="sign_in", is_enabled=is_enabled)


def _playing(title: str, profile: str, position_ms: int) -> str:
    return t("tray.playing_line", title=title, profile=profile, position=clock(position_ms))
