"""Programs from a server on this machine: installed whole, or everything is as it was."""

import io
import os
import shutil
import stat
import subprocess
import tarfile
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from bundled import download
from bundled.cache import find_cache_server
from bundled.download import Progress, connected, size_bytes
from bundled.install import install, remove
from bundled.installed import installed
from bundled.refusal import NotInstalled
from tests.helpers.releases import (
    ARCHIVE,
    PROGRAM,
    Origin,
    a_member,
    gzipped_head,
    running_origin,
    tar_of,
)

HALF = len(ARCHIVE) // 2
OLD = b"#!/bin/sh\necho thing 1.0\n"


@pytest.fixture
def origin() -> Iterator[Origin]:
    with running_origin() as running:
        yield running


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with an older version in it."""
    old = tmp_path / "installed" / "thing" / "1.0" / "thing"
    old.parent.mkdir(parents=True)
    old.write_bytes(OLD)
    old.chmod(0o755)
    os.utime(old, (1, 1))
    return tmp_path / "installed"


def get(origin: Origin, folder: Path, archive: bytes = ARCHIVE, **other: str) -> list[Progress]:
    """Install the program; return what was told meanwhile."""
    told: list[Progress] = []
    with connected(allows_loopback=True) as client:
        install(client, *origin.offer(archive, **other), folder, told.append)
    return told


def content(folder: Path) -> dict[str, bytes]:
    """Return every file below a folder."""
    found = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in found}


def refused(origin: Origin, folder: Path, archive: bytes = ARCHIVE, **other: str) -> str:
    """Fail to install; return the code of the reason."""
    with pytest.raises(NotInstalled) as raised:
        get(origin, folder, archive, **other)
    return raised.value.code


def test_a_program_takes_the_place_of_its_older_version(origin: Origin, folder: Path) -> None:
    told = get(origin, folder)
    place = folder / "thing" / "2.0" / "thing"
    assert content(folder) == {"thing/2.0/thing": PROGRAM}
    assert stat.S_IMODE(place.stat().st_mode) == 0o755
    assert subprocess.check_output([place], text=True) == "thing 2.0\n"
    assert installed(folder, "thing", "thing") == place
    assert told[-1] == Progress(done_bytes=len(ARCHIVE), size_bytes=len(ARCHIVE))
    assert [one.done_bytes for one in told] == sorted({one.done_bytes for one in told})
    remove(folder, origin.offer()[0])
    assert content(folder) == {}
    with pytest.raises(NotInstalled, match="not installed"):
        remove(folder, origin.offer()[0])


def test_what_is_installed_is_found_before_what_the_system_has(
    origin: Origin, folder: Path
) -> None:
    dragonfly = folder / "dragonfly" / "1" / "dragonfly"
    assert getattr(find_cache_server(folder, lambda _: "/opt/dragonfly"), "program", None) == Path(
        "/opt/dragonfly"
    )
    dragonfly.parent.mkdir(parents=True)
    dragonfly.write_bytes(OLD)
    found = find_cache_server(folder, lambda _: "/opt/dragonfly")
    assert found is not None
    assert (found.name, found.program) == ("Dragonfly", dragonfly)


def test_the_size_is_known_before_anything_is_downloaded(origin: Origin) -> None:
    release = origin.offer()[1]
    with connected(allows_loopback=True) as client:
        assert size_bytes(client, release) == len(ARCHIVE)
        origin.has_length = False
        assert size_bytes(client, release) is None


@pytest.mark.parametrize("has_length", [True, False])
def test_what_broke_off_goes_on_where_it_stopped(
    origin: Origin, folder: Path, has_length: bool
) -> None:
    origin.cut_after = HALF
    assert refused(origin, folder) == "program.broken_off"
    (partial,) = folder.glob("*.part")
    assert partial.read_bytes() == ARCHIVE[:HALF]
    assert installed(folder, "thing", "thing") == folder / "thing" / "1.0" / "thing"
    origin.cut_after, origin.has_length = None, has_length
    told = get(origin, folder)
    assert origin.asked == ["", f"bytes={HALF}-"]
    assert told[0].done_bytes > HALF
    assert told[-1].done_bytes == len(ARCHIVE)
    assert content(folder) == {"thing/2.0/thing": PROGRAM}


def test_a_server_that_knows_no_ranges_is_asked_for_all_of_it(origin: Origin, folder: Path) -> None:
    origin.cut_after = HALF
    assert refused(origin, folder) == "program.broken_off"
    origin.cut_after, origin.has_ranges = None, False
    assert get(origin, folder)[-1].done_bytes == len(ARCHIVE)
    assert content(folder) == {"thing/2.0/thing": PROGRAM}


@pytest.mark.parametrize(
    ("partial", "asked_count"),
    [
        (ARCHIVE, 1),
        (b"", 1),
        (b"x" * HALF, 2),
        (b"x" * len(ARCHIVE), 2),
        (b"x" * 2 * len(ARCHIVE), 2),
    ],
    ids=["whole", "empty", "wrong", "wrong-whole", "too-long"],
)
def test_a_beginning_is_used_where_it_is_right(
    origin: Origin, folder: Path, partial: bytes, asked_count: int
) -> None:
    (folder / f"thing_{origin.offer()[1].sha256[:16]}.part").write_bytes(partial)
    get(origin, folder)
    assert content(folder) == {"thing/2.0/thing": PROGRAM}
    assert len(origin.asked) == asked_count


def test_a_wrong_checksum_leaves_everything_as_it_was(origin: Origin, folder: Path) -> None:
    origin.files["/thing.tar.gz"] = ARCHIVE + b"x"
    assert refused(origin, folder) == "program.wrong_checksum"
    assert content(folder) == {"thing/1.0/thing": OLD}


def test_an_archive_that_ends_too_early_without_saying_so_is_found_out(
    origin: Origin, folder: Path
) -> None:
    origin.has_length, origin.cut_after = False, HALF
    assert refused(origin, folder) == "program.wrong_checksum"
    assert content(folder) == {"thing/1.0/thing": OLD}


@pytest.mark.parametrize("status", [400, 403, 404, 416, 429, 500, 503])
def test_a_server_that_says_no_is_named(origin: Origin, folder: Path, status: int) -> None:
    origin.status = status
    assert refused(origin, folder) == "program.refused"
    assert content(folder) == {"thing/1.0/thing": OLD}


def test_a_redirect_is_followed(origin: Origin, folder: Path) -> None:
    origin.redirects["/latest"] = "/thing.tar.gz"
    get(origin, folder, url=origin.url("/latest"))
    assert content(folder) == {"thing/2.0/thing": PROGRAM}


@pytest.mark.parametrize(
    ("target", "code"),
    [
        ("http://example.org/thing.tar.gz", "program.not_secure"),
        ("http://127.0.0.2/thing.tar.gz", "program.not_secure"),
        ("ftp://127.0.0.2/thing.tar.gz", "program.not_secure"),
        ("file:///etc/passwd", "program.unreachable"),
        ("/latest", "program.unreachable"),
        ("https://[", "program.unreachable"),
    ],
)
def test_a_redirect_leads_to_nowhere_else(
    origin: Origin, folder: Path, target: str, code: str
) -> None:
    origin.redirects["/latest"] = target
    assert refused(origin, folder, url=origin.url("/latest")) == code
    assert content(folder) == {"thing/1.0/thing": OLD}


def test_nothing_is_asked_without_encryption(origin: Origin, folder: Path) -> None:
    offer, release = origin.offer()
    with connected() as client, pytest.raises(NotInstalled) as raised:
        install(client, offer, release, folder, lambda _: None)
    assert raised.value.code == "program.not_secure"
    assert origin.asked == []


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl makes the certificate")
def test_only_who_proves_who_it_is_is_believed(
    origin: Origin, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate = tmp_path / "certificate.pem"
    with running_origin(certificate) as safe:
        url = f"https://127.0.0.1:{safe.port}/thing.tar.gz"
        assert refused(origin, folder, url=url) == "program.unreachable"
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        with connected() as client:
            install(client, *origin.offer(url=url), folder, lambda _: None)
        assert content(folder) == {"thing/2.0/thing": PROGRAM}
        safe.redirects["/away"] = origin.url()
        with connected() as client, pytest.raises(NotInstalled, match="without encryption"):
            install(client, *origin.offer(url=url.replace("thing.tar.gz", "away")), folder, print)


def test_without_the_internet_it_says_so(origin: Origin, folder: Path) -> None:
    with running_origin() as gone:
        url = gone.url()
    assert refused(origin, folder, url=url) == "program.unreachable"
    assert refused(origin, folder, url="https://no-such-host.invalid/a") == "program.unreachable"
    assert content(folder) == {"thing/1.0/thing": OLD}


def test_a_server_that_falls_silent_is_left_and_gone_on_with_later(
    origin: Origin, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(download, "_PATIENCE_S", 0.5)
    origin.hold_after = HALF
    assert refused(origin, folder) == "program.broken_off"
    origin.hold_after = None
    get(origin, folder)
    assert origin.asked == ["", f"bytes={HALF}-"]


def test_a_slow_server_is_waited_for(origin: Origin, folder: Path) -> None:
    origin.hold_after = HALF
    is_half_told = threading.Event()

    def hear(progress: Progress) -> None:
        if progress.done_bytes == HALF:
            is_half_told.set()

    def let_go() -> None:
        is_half_told.wait(30)
        origin.go_on.set()

    thread = threading.Thread(target=let_go)
    thread.start()
    with connected(allows_loopback=True) as client:
        install(client, *origin.offer(), folder, hear)
    thread.join()
    assert is_half_told.is_set()
    assert content(folder) == {"thing/2.0/thing": PROGRAM}


@pytest.mark.parametrize("has_length", [True, False])
def test_an_archive_without_end_is_refused(
    origin: Origin, folder: Path, monkeypatch: pytest.MonkeyPatch, has_length: bool
) -> None:
    monkeypatch.setattr(download, "ARCHIVE_BYTES_MAX", HALF)
    origin.has_length = has_length
    assert refused(origin, folder) == "program.too_large"
    assert installed(folder, "thing", "thing") == folder / "thing" / "1.0" / "thing"


def test_a_disk_without_room_is_not_filled(
    origin: Origin, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(download, "LEFT_FREE_BYTES", 1 << 60)
    assert refused(origin, folder) == "program.no_room"
    assert content(folder) == {"thing/1.0/thing": OLD}


def zip_of(*members: tuple[zipfile.ZipInfo, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", method) as packed:
        for info, data in members:
            packed.writestr(info, data, method)
    return made.getvalue()


def zip_info(name: str = "thing-bin", mode: int = 0) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.external_attr = mode << 16
    return info


@pytest.mark.parametrize(
    "archive",
    [
        tar_of((a_member("./thing-bin"), PROGRAM)),
        tar_of((a_member("../thing-bin"), PROGRAM), (a_member(), PROGRAM)),
        zip_of((zip_info(), PROGRAM)),
        zip_of((zip_info("../x"), b"x"), (zip_info(mode=stat.S_IFREG | 0o644), PROGRAM)),
    ],
    ids=["dot", "beside", "zip", "zip-of-unix"],
)
def test_only_the_named_file_is_taken_out(
    origin: Origin, folder: Path, tmp_path: Path, archive: bytes
) -> None:
    origin.files["/thing.tar.gz"] = archive
    get(origin, folder, archive)
    assert content(tmp_path) == {"installed/thing/2.0/thing": PROGRAM}


HOSTILE = {
    "nothing": b"",
    "noise": os.urandom(5000),
    "no-gzip": b"\x1f\x8b" + bytes(100),
    "cut": ARCHIVE[:HALF],
    "empty": tar_of(),
    "another-name": tar_of((a_member("other"), PROGRAM)),
    "a-folder-deeper": tar_of((a_member("bin/thing-bin"), PROGRAM)),
    "a-path-out": tar_of((a_member("../thing-bin"), PROGRAM)),
    "a-path-of-its-own": tar_of((a_member("/thing-bin"), PROGRAM)),
    "folder": tar_of((a_member(size=0, type=tarfile.DIRTYPE), b"")),
    "link": tar_of((a_member(size=0, type=tarfile.SYMTYPE, linkname="/bin/sh"), b"")),
    "hard-link": tar_of(
        (a_member("other"), PROGRAM),
        (a_member(size=0, type=tarfile.LNKTYPE, linkname="other"), b""),
    ),
    "device": tar_of((a_member(size=0, type=tarfile.CHRTYPE, devmajor=1, devminor=5), b"")),
    "pipe": tar_of((a_member(size=0, type=tarfile.FIFOTYPE), b"")),
    "huge": gzipped_head(a_member(size=1 << 40)),
    "huge-before": gzipped_head(a_member("other", size=1 << 40)),
    "less-than-it-says": gzipped_head(a_member(size=1000)),
    "zip-empty": zip_of(),
    "zip-cut": zip_of((zip_info(), PROGRAM))[:-30],
    "zip-another-name": zip_of((zip_info("other"), PROGRAM)),
    "zip-folder": zip_of((zip_info("thing-bin/"), b"")),
    "zip-link": zip_of((zip_info(mode=stat.S_IFLNK | 0o777), b"/bin/sh")),
    "zip-device": zip_of((zip_info(mode=stat.S_IFCHR | 0o666), b"")),
    "zip-encrypted": zip_of((zip_info(), b"x")).replace(
        b"PK\1\2\x14\3\x14\0\0", b"PK\1\2\x14\3\x14\0\1"
    ),
    "zip-changed": zip_of((zip_info(), PROGRAM), method=zipfile.ZIP_STORED).replace(
        b"echo", b"eche"
    ),
}


@pytest.mark.parametrize("archive", HOSTILE.values(), ids=HOSTILE)
def test_an_archive_that_is_not_as_it_should_be_changes_nothing(
    origin: Origin, folder: Path, tmp_path: Path, archive: bytes
) -> None:
    origin.files["/thing.tar.gz"] = archive
    assert refused(origin, folder, archive) == "program.bad_archive"
    left = content(tmp_path)
    assert left.pop("installed/thing/1.0/thing") == OLD
    assert all(name.endswith(".part") for name in left)


def test_what_was_left_of_an_older_version_goes(origin: Origin, folder: Path) -> None:
    (folder / "thing_0123456789abcdef.part").write_bytes(b"x")
    (folder / "thing_0123456789abcdef.draft").write_bytes(b"x")
    (folder / "thing-two_0123456789abcdef.part").write_bytes(b"of another")
    get(origin, folder)
    assert set(content(folder)) == {"thing/2.0/thing", "thing-two_0123456789abcdef.part"}


def test_a_place_that_cannot_be_written_is_said(origin: Origin, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x")
    assert refused(origin, tmp_path / "file" / "below") == "program.unwritable"
    (tmp_path / "thing").write_bytes(b"in the way")
    assert refused(origin, tmp_path) == "program.unwritable"
    assert (tmp_path / "thing").read_bytes() == b"in the way"
