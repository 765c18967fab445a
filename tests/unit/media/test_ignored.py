import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.media.ignored import Patterns, is_ignored_file, is_ignored_folder


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


@pytest.mark.parametrize(
    ("lines", "path", "expected"),
    [
        (b"*.avi", b"A/a.avi", True),
        (b"/a.avi", b"A/a.avi", False),
        (b"*.avi\n!A/a.avi", b"A/a.avi", False),
        (b"\xef\xbb\xbf*.avi\r\n", b"a.avi", True),
        (b"!\n\\\n*.avi", b"a.avi", True),
        (b"x" * 600 + b"\n*.avi", b"a.avi", True),
        (b"**/B/*.avi", b"A/B/a.avi", True),
        (b"\x00\xff", b"a.avi", False),
    ],
)
def test_patterns_are_those_of_git(lines: bytes, path: bytes, *, expected: bool) -> None:
    assert Patterns().with_file(b"", lines).leave_out(path, is_folder=False) is expected


def test_the_innermost_file_of_patterns_decides() -> None:
    patterns = Patterns().with_file(b"", b"*.avi").with_file(b"A/B", b"!a.avi")
    assert not patterns.leave_out(b"A/B/a.avi", is_folder=False)
    assert patterns.leave_out(b"A/B/b.avi", is_folder=False)


def test_a_pattern_made_to_cost_time_is_left_out() -> None:
    patterns = Patterns().with_file(b"", b"*a*a*a*a*a*a*a*a*a*b\n" * 50)
    began_at = time.monotonic()
    assert not patterns.leave_out(b"a" * 255, is_folder=False)
    assert time.monotonic() - began_at < 1


@given(st.binary(max_size=200), st.binary(max_size=100))
def test_any_file_of_patterns_is_read(lines: bytes, path: bytes) -> None:
    patterns = Patterns().with_file(b"", lines)
    assert patterns.leave_out(path, is_folder=True) in {True, False}
