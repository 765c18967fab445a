"""The diagnostics: fetched from the server, or from what it left behind, and written to a file. Without Qt. Blocking."""

import io
import os
import subprocess
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from gui.api import Client, Document, Documents, Failed

_PATIENCE_S: Final = 30


class Unreadable(Exception):
    """The program of the server could not tell the diagnostics; the text says why."""


class Diagnosis(Struct, frozen=True, kw_only=True):
    """What was gathered, and whether a server that runs told it."""

    documents: list[Document]
    is_of_server: bool


def gatherer(command: Sequence[str], folder: Path) -> Callable[[Client | None], Diagnosis]:
    """Return what gathers over control, and where no server answers by the server's program, `command`.

    What it returns raises: Unreadable.
    """

    def gather(control: Client | None) -> Diagnosis:
        try:
            if control is not None:
                told = control.get("/control/v1/diagnostics", Documents)
                return Diagnosis(documents=told.items, is_of_server=True)
        except Failed:
            pass  # it is gone, or hangs: then its program tells
        return Diagnosis(
            documents=_told_by([*command, "diagnostics", "--json"], folder), is_of_server=False
        )

    return gather


def _told_by(command: Sequence[str], folder: Path) -> list[Document]:
    """Return what the program prints. Raises: Unreadable."""
    try:
        done = subprocess.run(  # noqa: S603 (our own program, no shell)
            command,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_PATIENCE_S,
            check=False,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
    except subprocess.TimeoutExpired as error:
        raise Unreadable(f"{_PATIENCE_S} s") from error
    except OSError as error:
        raise Unreadable(error.strerror or type(error).__name__) from error
    try:
        return msgspec.json.decode(done.stdout, type=Documents).items
    except msgspec.MsgspecError as error:
        last = done.stderr.decode(errors="replace").strip().splitlines()[-1:]
        raise Unreadable("".join(last) or str(done.returncode)) from error


def write(documents: Sequence[Document], path: Path) -> None:
    """Write exactly these documents as a zip file for its owner only, whole or not at all. Raises: OSError."""
    draft = path.with_name(f"{path.name}.part")
    try:
        descriptor = os.open(
            draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0), 0o600
        )
        with os.fdopen(descriptor, "wb") as file:
            file.write(archive(documents))
        draft.replace(path)
    except OSError:
        draft.unlink(missing_ok=True)
        raise


def archive(documents: Sequence[Document]) -> bytes:
    """Return the documents as a zip file."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        for one in documents:
            packed.writestr(one.name, one.text)
    return file.getvalue()
