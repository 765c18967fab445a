"""Pictures as people have them, and as nobody should."""

import struct
import zlib
from pathlib import Path

import pytest
import pyvips

from server.kernel.workers import WorkerFailed
from server.media.model import KeepArt, PictureFormat, Reason, Resize, TakeCover
from server.media.pictures import hash_of, keep_art, resize
from server.media.poster import take_cover
from server.media.probe import probe
from tests.helpers.media import Recipe, add_cover, make_film
from tests.helpers.pictures import PICTURES, STRANGERS, logo, picture, shade

SEE_THROUGH = ("grey_alpha.png", "logo.png", "logo.webp", "logo.avif")
FAR_OFF = {"print.jpg": 8, "print_without_profile.jpg": 8, "hdr.jpg": 32}  # less gamut, more light
GREY = ("grey.jpg", "deep_grey.png", "grey_alpha.png")


def a_picture(path: Path, width: int = 400, height: int = 600) -> Path:
    shade(width, height).write_to_file(str(path))
    return path


def a_file(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def reason_of(path: Path) -> str | None:
    try:
        keep(path)
    except WorkerFailed as failed:
        return str(failed.context["reason"])
    return None


def keep(path: Path) -> Path:
    target = path.parent / "kept" / f"{path.name}.webp"
    keep_art(KeepArt(path=bytes(path), target_path=bytes(target)))
    return target


def png_header(width: int, height: int, bits: int = 8) -> bytes:
    def chunk(name: bytes, content: bytes) -> bytes:
        check = zlib.crc32(name + content)
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", check)

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, bits, 2, 0, 0, 0))
    rows = chunk(b"IDAT", zlib.compress(bytes(1_000_000)))
    return b"\x89PNG\r\n\x1a\n" + head + rows + chunk(b"IEND", b"")


@pytest.mark.parametrize("name", PICTURES)
def test_every_kind_is_kept_upright_in_srgb(tmp_path: Path, name: str) -> None:
    kept = pyvips.Image.new_from_file(str(keep(a_file(tmp_path / name, picture(name)))))
    assert (kept.width, kept.height) == (120, 90)
    assert kept.bands == (4 if name in SEE_THROUGH else 3)
    expected = shade().colourspace("b-w").colourspace("srgb") if name in GREY else shade()
    difference = (kept[:3] - expected).abs().extract_area(64, 0, 56, 90)  # a logo's left is nothing
    assert difference.avg() < FAR_OFF.get(name, 4)


@pytest.mark.parametrize("name", SEE_THROUGH)
def test_what_shows_through_still_does(tmp_path: Path, name: str) -> None:
    kept = pyvips.Image.new_from_file(str(keep(a_file(tmp_path / name, picture(name)))))
    assert (kept(10, 45)[3], kept(110, 45)[3]) == (0, 255)


def test_an_alpha_channel_that_shows_nothing_goes(tmp_path: Path) -> None:
    content = shade().bandjoin(255).pngsave_buffer()
    kept = pyvips.Image.new_from_file(str(keep(a_file(tmp_path / "poster.png", content))))
    assert kept.bands == 3


def test_a_broken_profile_costs_the_profile_alone(tmp_path: Path) -> None:
    marked = shade().copy()
    marked.set_type(pyvips.GValue.blob_type, "icc-profile-data", bytes(range(256)) * 4)
    kept = keep(a_file(tmp_path / "poster.jpg", marked.jpegsave_buffer(Q=95)))
    assert (pyvips.Image.new_from_file(str(kept)) - shade()).abs().avg() < 4


@pytest.mark.parametrize(
    ("size", "most", "expected"),
    [
        ((1_200, 1_800), 1_000, (1_000, 1_500)),
        ((3_840, 2_160), 1_920, (1_920, 1_080)),
        ((1_500, 844), 1_920, (1_500, 844)),
        ((100, 2_000), 200, (30, 600)),
    ],
)
def test_a_picture_shrinks_to_the_width_asked_and_is_never_enlarged(
    tmp_path: Path, size: tuple[int, int], most: int, expected: tuple[int, int]
) -> None:
    path, target = a_picture(tmp_path / "a.jpg", *size), tmp_path / "a.webp"
    work = KeepArt(path=bytes(path), target_path=bytes(target), width_px=most)
    poster = keep_art(work)
    kept = pyvips.Image.new_from_file(str(target))
    assert (kept.width, kept.height) == (poster.width_px, poster.height_px) == expected
    assert len(poster.blurhash) == 28


def test_a_blurhash_sees_nothing_as_mid_grey() -> None:
    assert hash_of(logo()) == hash_of(logo().flatten(background=[128]))
    assert hash_of(logo()) != hash_of(logo().flatten(background=[0]))


def test_the_ending_of_a_name_does_not_matter(tmp_path: Path) -> None:
    picture = a_picture(tmp_path / "a.png").rename(tmp_path / "poster.jpg")
    assert keep(picture).is_file()


NO_POSTERS = {
    "empty": (b"", Reason.EMPTY),
    "text": (b"a shopping list", Reason.UNKNOWN_FORMAT),
    "heic": (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", Reason.UNKNOWN_FORMAT),
    "heic called mif1": (b"\0\0\0\x18ftypmif1\0\0\0\0mif1heic", Reason.UNKNOWN_FORMAT),
    "avif called mif1": (b"\0\0\0\x18ftypmif1\0\0\0\0mif1avif", Reason.DAMAGED),
    "jpeg without a size": (b"\xff\xd8\xff\xe0 and no more", Reason.DAMAGED),
    "900 MP": (png_header(30_000, 30_000), Reason.PICTURE_TOO_LARGE),
    "too wide": (png_header(30_000, 1), Reason.PICTURE_TOO_LARGE),
    "243 MB without pixels": (png_header(9_000, 9_000), Reason.DAMAGED),
    "486 MB": (png_header(9_000, 9_000, bits=16), Reason.PICTURE_TOO_LARGE),
}


@pytest.mark.parametrize("name", [*NO_POSTERS, *STRANGERS])
def test_what_is_no_poster_says_why_and_leaves_nothing(tmp_path: Path, name: str) -> None:
    content, reason = NO_POSTERS.get(name) or (picture(name), Reason.UNKNOWN_FORMAT)
    with pytest.raises(WorkerFailed) as failed:
        keep(a_file(tmp_path / "poster.jpg", content))
    assert failed.value.context["reason"] == reason
    assert not (tmp_path / "kept").exists()


def test_an_avif_that_would_fill_the_memory_is_refused(tmp_path: Path) -> None:
    content = shade(6_000, 6_000).heifsave_buffer(compression="av1", effort=0)
    with pytest.raises(WorkerFailed) as failed:
        keep(a_file(tmp_path / "poster.avif", content))
    assert failed.value.context["reason"] == Reason.PICTURE_TOO_LARGE


@pytest.mark.parametrize("ending", ["jpg", "png", "webp"])
def test_half_a_picture_is_none(tmp_path: Path, ending: str) -> None:
    path = a_picture(tmp_path / f"poster.{ending}")
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(WorkerFailed, match="damaged"):
        keep(path)


@pytest.mark.parametrize("kind", ["avif", "webp", "jpeg", "png"])
def test_a_copy_has_the_width_and_the_format_asked(tmp_path: Path, kind: PictureFormat) -> None:
    original = a_picture(tmp_path / "a.webp")
    for width, expected in ((160, 160), (900, 400)):
        target = tmp_path / f"copy-{width}.{kind}"
        work = Resize(path=bytes(original), target_path=bytes(target), width_px=width, format=kind)
        assert resize(work).size_bytes == target.stat().st_size
        copy = pyvips.Image.new_from_file(str(target))
        assert copy.width == expected
        assert copy.get("vips-loader") == {"avif": "heifload"}.get(kind, f"{kind}load")


@pytest.mark.parametrize(
    ("kind", "left"),
    [("avif", (0,)), ("webp", (0,)), ("png", (0,)), ("jpeg", (128, 128, 128))],
)
def test_a_copy_shows_through_where_its_format_can(
    tmp_path: Path, kind: PictureFormat, left: tuple[int, ...]
) -> None:
    original = keep(a_file(tmp_path / "logo.png", logo(400, 160).pngsave_buffer()))
    target = tmp_path / f"copy.{kind}"
    resize(Resize(path=bytes(original), target_path=bytes(target), width_px=160, format=kind))
    copy = pyvips.Image.new_from_file(str(target))
    assert copy.width == 160
    assert copy(20, 32)[-len(left) :] == pytest.approx(left, abs=2)
    assert copy(140, 32)[:3] == pytest.approx(shade(160, 64)(140, 32), abs=12)


def test_a_film_gives_the_cover_that_it_carries(tmp_path: Path) -> None:
    plain = make_film(tmp_path / "plain.mp4", Recipe(length_s=1))
    film = add_cover(plain, a_picture(tmp_path / "cover.jpg").read_bytes())
    kinds = [(stream.kind, stream.codec) for stream in probe(bytes(film)).streams]
    assert ("attachment", "mjpeg") in kinds
    target = tmp_path / "cover.webp"
    poster = take_cover(TakeCover(path=bytes(film), target_path=bytes(target)))
    assert (poster.width_px, poster.height_px) == (400, 600)
    with pytest.raises(WorkerFailed) as failed:
        take_cover(TakeCover(path=bytes(plain), target_path=bytes(target)))
    assert failed.value.context["reason"] == Reason.NO_PICTURE
