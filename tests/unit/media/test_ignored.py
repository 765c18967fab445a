import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.media.ignored import is_ignored_file, is_ignored_folder


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (b"@eaDir", True),
        (b"#recycle", True),
        (b"#Recycle", True),
        (b"lost+found", True),
        (b"$RECYCLE.BIN", True),
        (b".Trash-1000", True),
        (b".hidden", True),
        (b"Sample", False),
        (b"Alien (1979)", False),
        (b"S.W.A.T.", False),
        (b"\xff\xfe", False),
    ],
)
def test_bookkeeping_and_hidden_folders_are_left_out(name: bytes, *, expected: bool) -> None:
    assert is_ignored_folder(name) is expected


@pytest.mark.parametrize(
    ("name", "folder_name", "expected"),
    [
        (b"film.mkv", b"", False),
        (b"._film.mkv", b"", True),
        (b"Thumbs.db", b"", True),
        (b"film.mkv.part", b"", True),
        (b"film.mkv.!qB", b"", True),
        (b"sample.mkv", b"", True),
        (b"grp-film-Sample.mkv", b"", True),
        (b"film.sample.mkv", b"", True),
        (b"The Free Sample.mkv", b"", False),
        (b"sampler.mkv", b"", False),
        (b"film.mkv", b"Sample", True),
        (b"film.mkv", b"The Sample", False),
        (b"caf\xe9.mkv", b"", False),
    ],
)
def test_junk_unfinished_files_and_samples_are_left_out(
    name: bytes, folder_name: bytes, *, expected: bool
) -> None:
    assert is_ignored_file(name, folder_name=folder_name) is expected


@given(st.binary(max_size=255), st.binary(max_size=255))
def test_any_name_gets_an_answer(name: bytes, folder_name: bytes) -> None:
    assert is_ignored_file(name, folder_name=folder_name) in {True, False}
    assert is_ignored_folder(name) in {True, False}
