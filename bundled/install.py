"""Installs and removes programs in a folder of our own."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import httpx

from bundled.download import Progress, fetch, require_room
from bundled.installed import installed
from bundled.manifest import Offer, Release
from bundled.refusal import NotInstalled, unwritable
from bundled.unpack import unpack

_DRAFT = ".draft"


def install(
    client: httpx.Client,
    offer: Offer,
    release: Release,
    folder: Path,
    told: Callable[[Progress], object],
) -> None:
    """Install a program in place of an older version of it. Blocking; killed at any moment, it changes nothing.

    Raises: NotInstalled.
    """
    home = folder / offer.name
    place = home / offer.version / offer.program
    partial = (
        folder / f"{offer.name}_{release.sha256[:16]}.part"
    )  # the beginning of this and no other
    try:
        _make_folder(folder)
        fetch(client, release, partial, told)
        _take_out(partial, release.member, place)
        for other in home.iterdir():
            if other != place.parent:
                shutil.rmtree(other)
        _forget(folder, offer)
    except OSError as error:
        raise unwritable(error) from error


def remove(folder: Path, offer: Offer) -> None:
    """Remove a program, and what was downloaded of it. Raises: NotInstalled."""
    is_there = installed(folder, offer.name, offer.program) is not None
    try:
        _forget(folder, offer)
        shutil.rmtree(folder / offer.name, ignore_errors=not is_there)
    except OSError as error:
        raise unwritable(error) from error
    if not is_there:
        raise NotInstalled(
            f"{offer.title} is not installed.", code="program.not_installed", title=offer.title
        )


def _take_out(archive: Path, member: str, place: Path) -> None:
    """Put the program in its place, whole or not at all. Raises: NotInstalled, OSError."""
    draft = archive.with_suffix(".draft")
    try:
        with draft.open("wb") as file:
            unpack(archive, member, file, lambda size: require_room(archive.parent, size))
            file.flush()
            os.fsync(file.fileno())
        draft.chmod(0o755)
        _make_folder(place.parent)
        draft.replace(place)
    finally:
        draft.unlink(missing_ok=True)


def _make_folder(folder: Path) -> None:
    """Make a folder that the system user of our programs can enter, with those above that lack."""
    if not folder.exists():
        _make_folder(folder.parent)
        folder.mkdir()
        folder.chmod(0o755)


def _forget(folder: Path, offer: Offer) -> None:
    """Remove what was downloaded of a program, and of its older versions."""
    for left in folder.glob(f"{offer.name}_*"):
        left.unlink()
