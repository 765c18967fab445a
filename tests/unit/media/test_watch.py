"""Which places a change points to, and that real changes are told."""

from pathlib import Path

import pytest

from server.kernel.workers import WorkerFailed
from server.media.model import Reason, Watch
from server.media.watch import news, places


def test_of_many_files_in_a_folder_one_is_enough(tmp_path: Path) -> None:
    root = bytes(tmp_path)
    (tmp_path / "a").mkdir()
    for name in ("1.mkv", "2.mkv"):
        (tmp_path / "a" / name).write_bytes(b"x")
    found = places([root + b"/a/2.mkv", root + b"/a/1.mkv", root + b"/gone", root + b"/a"])
    assert found == [root + b"/a", root + b"/a/1.mkv", root + b"/gone"]


def test_a_folder_that_is_not_there_is_said_to_be_missing(tmp_path: Path) -> None:
    with pytest.raises(WorkerFailed) as caught:
        next(news(Watch(roots=[bytes(tmp_path / "gone")], quiet_ms=10, longest_ms=10)))
    assert caught.value.context["reason"] is Reason.MISSING


def test_a_name_that_is_no_text_cannot_be_watched(tmp_path: Path) -> None:
    root = bytes(tmp_path) + b"/\xff"
    Path(str(tmp_path)).joinpath(root.rpartition(b"/")[2].decode(errors="surrogateescape")).mkdir()
    with pytest.raises(WorkerFailed) as caught:
        next(news(Watch(roots=[root], quiet_ms=10, longest_ms=10)))
    assert caught.value.context["reason"] is Reason.UNWATCHABLE
