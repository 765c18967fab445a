"""What is worth a notice between two looks at the server."""

import pytest
from msgspec.structs import replace

from gui.seen import Seen, clock, disk, notices, size
from tests.helpers.shown import a_disk, a_library, a_scan

SIGNED_IN = Seen(is_signed_in=True)


@pytest.mark.parametrize(
    ("state", "titles"),
    [
        ("done", ["Films 1: scan finished"]),
        ("failed", ["Films 1: scan failed"]),
        ("running", []),
    ],
)
def test_a_scan_that_ends_is_told_once(state: str, titles: list[str]) -> None:
    library = a_library(scan=a_scan())
    before = replace(SIGNED_IN, libraries=[library])
    after = replace(SIGNED_IN, libraries=[replace(library, scan=a_scan(state=state))])
    assert [one.title for one in notices(before, after)] == titles
    assert notices(after, after) == []
    assert notices(Seen(), after) == []


def test_a_disk_that_fills_is_told_once() -> None:
    roomy, low = (replace(SIGNED_IN, disks=[a_disk(free)]) for free in (10**12, 10**9))
    (notice,) = notices(roomy, low)
    assert notice.text == "1.0 GB are free on the disk of /films."
    assert notices(low, low) == notices(low, roomy) == []


@pytest.mark.parametrize(
    ("free_bytes", "total_bytes", "is_low"),
    [
        (10**9, 10**12, True),
        (10**11, 10**12, False),
        (10**9, 3 * 10**9, True),
        (2 * 10**9, 3 * 10**9, False),
        (0, 0, False),
    ],
)
def test_a_disk_is_low_by_what_is_left(free_bytes: int, total_bytes: int, is_low: bool) -> None:
    assert a_disk(free_bytes, total_bytes).is_low is is_low


def test_a_folder_that_is_not_there_has_no_disk() -> None:
    assert disk("Films", "/no/such/folder").total_bytes == 0
    assert disk("Films", "/").total_bytes > 0


@pytest.mark.parametrize(
    ("size_bytes", "text"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1 kB"),
        (12_345_678, "12.3 MB"),
        (4 * 10**12, "4.0 TB"),
        (10**18, "1000000.0 TB"),
    ],
)
def test_sizes_are_read_by_people(size_bytes: int, text: str) -> None:
    assert size(size_bytes) == text


@pytest.mark.parametrize(("ms", "text"), [(0, "0:00"), (61_000, "1:01"), (3_723_999, "1:02:03")])
def test_places_in_a_film_are_read_by_people(ms: int, text: str) -> None:
    assert clock(ms) == text
