"""The session of the windows, as it is kept."""

import stat
from pathlib import Path

import pytest

from gui.session import Session, SessionFile


def test_a_session_is_kept_for_this_user_only_and_forgotten(tmp_path: Path) -> None:
    keeper = SessionFile(tmp_path / "session.json")
    assert keeper.load() is None
    for token in ("one", "two"):
        keeper.keep(Session(name="Ada", token=token))
    assert keeper.load() == Session(name="Ada", token="two")
    assert stat.S_IMODE((tmp_path / "session.json").stat().st_mode) == 0o600
    keeper.forget()
    keeper.forget()
    assert keeper.load() is None
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("text", [b"", b"{", b'{"name": 1}', b"\xff" * 99])
def test_what_cannot_be_read_is_no_session(tmp_path: Path, text: bytes) -> None:
    (tmp_path / "session.json").write_bytes(text)
    assert SessionFile(tmp_path / "session.json").load() is None
