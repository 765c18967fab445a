import os
from pathlib import Path

import pytest

from server.kernel.workers import WorkerFailed
from server.media.fingerprint import fingerprint
from server.media.model import Reason


def of(tmp_path: Path, content: bytes, name: str = "a.mkv") -> bytes:
    path = tmp_path / name
    path.write_bytes(content)
    return fingerprint(os.fsencode(path))


@pytest.mark.parametrize("size_bytes", [0, 1, 65_536, 65_537, 200_000, 1_000_000])
def test_the_name_does_not_matter(tmp_path: Path, size_bytes: int) -> None:
    content = bytes(number % 251 for number in range(size_bytes))
    assert of(tmp_path, content) == of(tmp_path, content, "b.mkv")


@pytest.mark.parametrize("at", [0, 500_000, 999_999])
def test_head_middle_and_tail_matter(tmp_path: Path, at: int) -> None:
    content = bytearray(1_000_000)
    before = of(tmp_path, bytes(content))
    content[at] = 1
    assert of(tmp_path, bytes(content)) != before


def test_the_size_matters(tmp_path: Path) -> None:
    assert of(tmp_path, bytes(10)) != of(tmp_path, bytes(11))


def test_a_file_that_is_gone_is_an_error_with_a_reason(tmp_path: Path) -> None:
    with pytest.raises(WorkerFailed) as raised:
        fingerprint(os.fsencode(tmp_path / "nothing"))
    assert raised.value.context["reason"] == Reason.MISSING
