"""`programs list`, `install` and `remove`: programs that somebody wants beside Revenge."""

import argparse
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import msgspec
from msgspec import Struct

from app.failure import Failure, StartFailed
from app.instance import lock
from app.lifeline import watch
from app.paths import Paths, find_paths, prepare_data_dir
from bundled.download import Progress, connected, size_bytes
from bundled.install import install, remove
from bundled.installed import installed
from bundled.manifest import Offer, Release, offers
from bundled.refusal import NotInstalled, unwritable

Where = Literal["installed", "other", "available", "no_build"]
_STATES: dict[Where, str] = {
    "installed": "installed",
    "other": "another version is installed: {version}",
    "available": "not installed; how large it is, is asked before it is downloaded",
    "no_build": "its makers offer no build for this system",
}
_MB = 1_000_000
_TOLD_EVERY_S = 0.1


class Offered(Struct, frozen=True, kw_only=True):
    """A program that may be installed, and whether it is; `host` is asked for it."""

    name: str
    title: str
    version: str
    license: str
    license_url: str
    state: Where
    installed_version: str | None
    size_bytes: int | None
    host: str | None


class AllOffered(Struct, frozen=True, kw_only=True):
    """All of them."""

    items: list[Offered]


class Said(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A line of an installation as data. The first asks: it goes on when a line comes back, and ends with stdin."""

    done_bytes: int = 0
    size_bytes: int | None = None
    is_installed: bool = False
    failure: Failure | None = None


class Shop:
    """What is offered, and the folder it is installed in; `allows_loopback` is for a server of one's own."""

    def __init__(
        self, paths: Paths, offered: Sequence[Offer], *, allows_loopback: bool = False
    ) -> None:
        self._paths = paths
        self._offers = offered
        self._allows_loopback = allows_loopback

    def show(self, *, is_json: bool) -> int:
        """Print what there is."""
        found = [self._offered(one) for one in self._offers]
        if is_json:
            print(msgspec.json.encode(AllOffered(items=found)).decode())
            return 0
        for one, offer in zip(found, self._offers, strict=True):
            state = _STATES[one.state].format(version=one.installed_version)
            size = f", {_mb(one.size_bytes)}" if one.size_bytes else ""
            print(f"{one.name} {one.version}: {offer.purpose}")
            print(f"    {one.license}, {one.license_url}\n    {state}{size}")
        return 0

    def install(self, name: str, *, is_sure: bool, is_json: bool) -> int:
        """Ask unless `is_sure`, then install; what goes on is printed. Raises: StartFailed, NotInstalled."""
        offer = self._named(name)
        release = _release(offer)
        prepare_data_dir(self._paths)
        talk = _Lines() if is_json else _Console(offer, release)
        folder, is_own = self._paths.installed_dir, self._allows_loopback
        with _only_one(self._paths.install_lock_file), connected(allows_loopback=is_own) as client:
            if not is_sure and not talk.asks(size_bytes(client, release)):
                return 1
            install(client, offer, release, folder, _seldom(talk.tell))
        talk.end()
        return 0

    def remove(self, name: str) -> int:
        """Remove a program. Raises: StartFailed, NotInstalled."""
        offer = self._named(name)
        prepare_data_dir(self._paths)
        with _only_one(self._paths.install_lock_file):
            remove(self._paths.installed_dir, offer)
        print(f"{offer.title} is removed. A server that runs uses it until it is started again.")
        return 0

    def _named(self, name: str) -> Offer:
        for one in self._offers:
            if one.name == name:
                return one
        known = ", ".join(one.name for one in self._offers)
        raise NotInstalled(
            f"There is no program {name} to install. There are: {known}.", code="program.unknown"
        )

    def _offered(self, offer: Offer) -> Offered:
        release = offer.release()
        place = installed(self._paths.installed_dir, offer.name, offer.program)
        version = place.parent.name if place else None
        return Offered(
            name=offer.name,
            title=offer.title,
            version=offer.version,
            license=offer.license,
            license_url=offer.license_url,
            state=_state(offer, release, version),
            installed_version=version,
            size_bytes=place.stat().st_size if place else None,
            host=urlsplit(release.url).hostname if release else None,
        )


class _Console:
    """Talks with a person."""

    def __init__(self, offer: Offer, release: Release) -> None:
        self._offer = offer
        self._host = urlsplit(release.url).hostname
        self._is_seen = sys.stderr.isatty()

    def asks(self, size: int | None) -> bool:
        """Return whether the person says yes."""
        offer, large = self._offer, f"{_mb(size)} " if size else ""
        print(f"{offer.title} {offer.version}: {offer.purpose}\n{large}from {self._host}")
        print(f"Licence: {offer.license}, {offer.license_url}")
        try:
            is_yes = input("Download and install it? [y/N] ").strip().lower() in {"y", "yes"}
        except EOFError:
            is_yes = False
        if not is_yes:
            print("Nothing was installed.")
        return is_yes

    def tell(self, progress: Progress) -> None:
        """Show how much is there."""
        if self._is_seen:
            size = f" of {_mb(progress.size_bytes)}" if progress.size_bytes else ""
            print(f"{_mb(progress.done_bytes)}{size}  \r", end="", file=sys.stderr, flush=True)

    def end(self) -> None:
        """Say that it is done."""
        offer = self._offer
        print(
            f"{offer.title} {offer.version} is installed. The server uses it from its next start."
        )


class _Lines:
    """Talks with a window: a JSON document a line."""

    def asks(self, size: int | None) -> bool:
        """Return whether an answer comes; what comes after it is the end of stdin, which is ours too."""
        _say(Said(size_bytes=size))
        is_yes = os.read(0, 1) == b"\n"
        watch(lambda: os._exit(1))
        return is_yes

    def tell(self, progress: Progress) -> None:
        """Tell how much is there."""
        _say(Said(done_bytes=progress.done_bytes, size_bytes=progress.size_bytes))

    def end(self) -> None:
        """Tell that it is done."""
        _say(Said(is_installed=True))


def do(chosen: argparse.Namespace, shop: Shop | None = None) -> int:
    """Do what was chosen, with the programs that Revenge knows where no `shop` is given. Raises: StartFailed."""
    shop = shop or Shop(find_paths(), offers())
    try:
        match chosen.deed:
            case "list":
                return shop.show(is_json=chosen.json)
            case "install":
                return shop.install(chosen.name, is_sure=chosen.yes, is_json=chosen.json)
            case _:
                return shop.remove(chosen.name)
    except (NotInstalled, StartFailed) as problem:
        failed = _failed(problem)
        if chosen.deed == "install" and chosen.json:
            _say(Said(failure=failed.failure))
        raise failed from problem


@contextmanager
def _only_one(path: Path) -> Iterator[None]:
    """Have nobody else install or remove meanwhile. Raises: NotInstalled."""
    try:
        file = path.open("ab")
    except OSError as error:
        raise unwritable(error) from error
    with file:
        if not lock(file):
            raise NotInstalled(
                "Another program is being installed or removed. Try again when that is done.",
                code="program.busy",
            )
        yield


def _release(offer: Offer) -> Release:
    found = offer.release()
    if found is None:
        raise NotInstalled(
            f"The makers of {offer.title} offer no build for this system. Everything works without it.",
            code="program.no_build",
            title=offer.title,
        )
    return found


def _failed(problem: NotInstalled | StartFailed) -> StartFailed:
    if isinstance(problem, StartFailed):
        return problem
    return StartFailed(str(problem), code=problem.code, **problem.context)


def _state(offer: Offer, release: Release | None, version: str | None) -> Where:
    if version is not None:
        return "installed" if version == offer.version else "other"
    return "available" if release else "no_build"


def _seldom(tell: Callable[[Progress], object]) -> Callable[[Progress], None]:
    """Return what tells at most ten times a second, and the end."""
    told_at_s = 0.0

    def heed(progress: Progress) -> None:
        nonlocal told_at_s
        now_s = time.monotonic()
        if now_s - told_at_s >= _TOLD_EVERY_S or progress.done_bytes == progress.size_bytes:
            told_at_s = now_s
            tell(progress)

    return heed


def _say(said: Said) -> None:
    print(msgspec.json.encode(said).decode(), flush=True)


def _mb(size: int) -> str:
    return f"{size / _MB:.1f} MB"
