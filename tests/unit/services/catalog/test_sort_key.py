import pytest

from server.services.catalog.model import sort_key


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Alien", "alien"),
        ("The Thing", "thing"),
        ("A Bug's Life", "bug s life"),
        ("Das Boot", "boot"),
        ("Les Misérables", "miserables"),
        ("The", "the"),
        ("A", "a"),
        ("Them!", "them"),
        ("Ångström", "angstrom"),
        ("Rocky 2", "rocky 00000002"),
        ("007", "00000007"),
        ("千と千尋", "千と千尋"),
        ("!!!", "!!!"),
        ("", ""),
    ],
)
def test_a_title_is_sorted_by_what_matters(title: str, expected: str) -> None:
    assert sort_key(title) == expected


def test_numbers_sort_by_value() -> None:
    assert sorted(["Rocky 10", "Rocky 9", "Rocky"], key=sort_key) == [
        "Rocky",
        "Rocky 9",
        "Rocky 10",
    ]


def test_a_long_title_ends() -> None:
    assert len(sort_key("a\u0301" * 100_000)) == 100_000
