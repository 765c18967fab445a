import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from server.media.model import FoundFile, Listing, MakePoster, Probe, Walk
from server.media.ops import OPS


def test_every_operation_is_found_by_the_name_in_its_work() -> None:
    assert {name: operation.work.op for name, operation in OPS.items()} == {
        name: name for name in OPS
    }


@pytest.mark.parametrize(
    "work",
    [
        Walk(root=b"/films\xff"),
        Probe(path=b"/films/caf\xe9.mkv"),
        MakePoster(path=b"/films/a.mkv", target_path=b"/images/a.webp"),
    ],
)
def test_work_travels_as_bytes_also_with_names_that_are_no_text(work: msgspec.Struct) -> None:
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(work), type=type(work)) == work


def test_a_listing_travels_as_bytes() -> None:
    listing = Listing(
        folder=b"\xff", files=[FoundFile(name=b"a\xe9", size_bytes=1, mtime_ns=-5)], signature=b"\0"
    )
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(listing), type=Listing) == listing


def test_a_walk_loads_no_native_library(tmp_path: Path) -> None:
    script = (
        "import sys; from server.media.ops import OPS; from server.media.model import Walk\n"
        "list(OPS['walk'].run(Walk(root=sys.argv[1].encode())))\n"
        "assert not {'av', 'pyvips'} & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", script, str(tmp_path)], check=False, timeout=30)
    assert done.returncode == 0
