"""The programs that may be installed beside Revenge: what they are, where they come from, and their checksums."""

import platform
import sys
from pathlib import Path
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta, Struct

Name = Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9.-]*$")]
"""Fit to be the name of a file or folder."""

_MANIFEST: Final = Path(__file__).with_name("manifest.toml")
_MACHINES: Final = {"amd64": "x86_64", "aarch64": "arm64"}


class Release(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The archive for one kind of machine, and the file in it that is the program."""

    system: Literal["linux", "darwin", "win32"]
    machine: Literal["x86_64", "arm64"]
    url: str
    sha256: Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
    member: str


class Offer(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A program that may be installed; its file is named `program` then."""

    name: Name
    title: str
    purpose: str
    version: Name
    program: Name
    license: str
    license_url: str
    releases: list[Release]

    def release(
        self, system: str = sys.platform, machine: str = platform.machine()
    ) -> Release | None:
        """Return the archive for a machine, this one where none is named; None where there is none."""
        machine = _MACHINES.get(machine.lower(), machine.lower())
        fit = (one for one in self.releases if (one.system, one.machine) == (system, machine))
        return next(fit, None)


class Manifest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All of them."""

    programs: list[Offer]


def offers(manifest: Path = _MANIFEST) -> list[Offer]:
    """Return what may be installed."""
    return msgspec.toml.decode(manifest.read_bytes(), type=Manifest).programs
