"""Which copy of a picture fits what a client asks for."""

import pytest

from server.media.model import PictureFormat
from server.services.playback.variants import format_of, width_of


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("image/avif,image/webp,image/png,image/svg+xml,image/*;q=0.8,*/*;q=0.5", "avif"),
        ("image/webp,image/png,image/*;q=0.8,*/*;q=0.5", "webp"),
        ("image/png, image/jpeg", "jpeg"),
        ("image/png,image/svg+xml,image/*;q=0.8", "png"),
        ("image/jpeg;q=0.5, image/png;q=0.9", "png"),
        ("image/webp;q=0, image/jpeg;q=0.1", "jpeg"),
        ("image/*", "webp"),
        ("*/*", "webp"),
        ("", "webp"),
        (";q=;;,,=", "webp"),
        ("image/jpeg;q=nan", "webp"),
    ],
)
def test_the_smallest_format_that_a_client_names_comes(
    accept: str, expected: PictureFormat
) -> None:
    assert format_of(accept, default="webp") == expected


@pytest.mark.parametrize(
    ("asked", "original", "expected"),
    [
        (1_920, 1_920, 1_920),
        (5_000, 1_500, 1_500),
        (1_499, 1_500, 1_280),
        (81, 400, 80),
    ],
)
def test_a_copy_is_never_wider_than_asked_nor_than_the_original(
    asked: int, original: int, expected: int
) -> None:
    assert width_of(asked, original) == expected
