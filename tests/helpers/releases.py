"""A place on this machine that programs are downloaded from, as well or badly as a test wants it."""

import gzip
import hashlib
import io
import os
import ssl
import subprocess
import tarfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from bundled.manifest import Offer, Release

PROGRAM = b"#!/bin/sh\necho thing 2.0\nexit\n" + os.urandom(2_000_000) + bytes(1_000_000)
"""Says its version; what follows is there to be large, and larger than when it is packed."""


def tar_of(*members: tuple[tarfile.TarInfo, bytes]) -> bytes:
    """Return a .tar.gz archive."""
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w:gz", compresslevel=1) as packed:
        for info, content in members:
            packed.addfile(info, io.BytesIO(content))
    return made.getvalue()


def a_member(name: str = "thing-bin", size: int | None = None, **more: object) -> tarfile.TarInfo:
    """Return the head of a member of a tar archive."""
    info = tarfile.TarInfo(name)
    info.size = len(PROGRAM) if size is None else size
    for key, value in more.items():
        setattr(info, key, value)
    return info


def gzipped_head(info: tarfile.TarInfo) -> bytes:
    """Return an archive that ends after the head of its only member."""
    return gzip.compress(info.tobuf())


ARCHIVE = tar_of((a_member("README", 5), b"hello"), (a_member(), PROGRAM))


@dataclass
class Origin:
    """What lies at each path."""

    port: int = 0
    files: dict[str, bytes] = field(default_factory=lambda: {"/thing.tar.gz": ARCHIVE})
    redirects: dict[str, str] = field(default_factory=dict)
    status: int = 0
    has_ranges: bool = True
    has_length: bool = True
    cut_after: int | None = None
    """The connection ends after so many bytes of an answer."""
    hold_after: int | None = None
    """Nothing more comes after so many bytes until `go_on` is set."""
    go_on: threading.Event = field(default_factory=threading.Event)
    asked: list[str] = field(default_factory=list)
    """The `Range` of each request."""

    def url(self, path: str = "/thing.tar.gz") -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def offer(self, archive: bytes = ARCHIVE, **other: str) -> tuple[Offer, Release]:
        """Return an offer of a program here, and its archive for this machine."""
        facts = {
            "system": "linux",
            "machine": "x86_64",
            "url": self.url(),
            "sha256": hashlib.sha256(archive).hexdigest(),
            "member": "thing-bin",
        }
        release = Release(**facts | {k: v for k, v in other.items() if k in facts})  # type: ignore[arg-type] # as in a file
        offer = Offer(
            name="thing",
            title="Thing",
            purpose="a thing",
            version=other.get("version", "2.0"),
            program="thing",
            license="MIT",
            license_url="https://example.org/licence",
            releases=[release],
        )
        return offer, release

    def manifest(self, folder: Path) -> Path:
        """Write a manifest that offers the program for this machine, and another one for none."""
        offer, release = self.offer()
        head = '[[programs]]\nname = "{}"\ntitle = "{}"\npurpose = "a thing"\nversion = "2.0"\nprogram = "thing"\n'
        law = 'license = "MIT"\nlicense_url = "https://example.org/licence"\n'
        each = "".join(
            f'[[programs.releases]]\nsystem = "{system}"\nmachine = "{machine}"\n'
            f'url = "{release.url}"\nsha256 = "{release.sha256}"\nmember = "thing-bin"\n'
            for system in ("linux", "darwin")
            for machine in ("x86_64", "arm64")
        )
        path = folder / "manifest.toml"
        path.write_text(
            f"{head.format(offer.name, offer.title)}{law}{each}{head.format('odd', 'Odd')}{law}releases = []\n"
        )
        return path


@contextmanager
def running_origin(certificate: Path | None = None) -> Iterator[Origin]:
    """Run one until the block ends, with encryption where a file is named for its certificate."""
    origin = Origin()
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, origin))
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, _made_up(certificate))
        server.socket = context.wrap_socket(server.socket, server_side=True)
    origin.port = server.server_port
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield origin
    finally:
        origin.go_on.set()
        server.shutdown()
        server.server_close()
        thread.join()


def _made_up(certificate: Path) -> Path:
    """Write a certificate of this machine; return the file of its key."""
    key = certificate.with_suffix(".key")
    kind = "-x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=here"
    words = ["openssl", "req", *kind.split(), "-addext", "subjectAltName=IP:127.0.0.1"]
    subprocess.run([*words, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    return key


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def __init__(self, origin: Origin, *rest: Any) -> None:
        self._origin = origin
        super().__init__(*rest)

    def do_GET(self) -> None:
        origin = self._origin
        origin.asked.append(self.headers.get("Range", ""))
        self.close_connection = True
        if self.path in origin.redirects:
            self._head(302, {"Location": origin.redirects[self.path], "Content-Length": "0"})
        elif origin.status or self.path not in origin.files:
            self._head(origin.status or 404, {"Content-Length": "0"})
        else:
            self._give(origin.files[self.path])

    def _give(self, content: bytes) -> None:
        wanted = self.headers.get("Range", "") if self._origin.has_ranges else ""
        start = int(wanted.removeprefix("bytes=").rstrip("-") or 0)
        if start and start >= len(content):
            self._head(416, {"Content-Length": "0"})
            return
        rest = content[start:]
        length = {"Content-Length": str(len(rest))} if self._origin.has_length else {}
        self._head(206 if start else 200, length)
        with suppress(OSError):  # whoever asked is gone
            self._send(rest)

    def _send(self, content: bytes) -> None:
        origin = self._origin
        content = content[: origin.cut_after]
        self.wfile.write(content[: origin.hold_after])
        if origin.hold_after is not None:
            self.wfile.flush()
            origin.go_on.wait()
            self.wfile.write(content[origin.hold_after :])

    def _head(self, status: int, headers: dict[str, str]) -> None:
        self.send_response(status)
        self.send_header("Connection", "close")
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""
