"""Pictures as people have them, and as nobody should."""

import random
import struct
import zlib
from pathlib import Path

import av
import pytest
import pyvips

from server.kernel.workers import WorkerFailed
from server.media.model import KeepArt, PictureFormat, Reason, Resize, TakeCover
from server.media.pictures import keep_art, resize
from server.media.poster import take_cover
from server.media.probe import probe
from tests.helpers.media import Recipe, make_film


def a_picture(path: Path, width: int = 400, height: int = 600) -> Path:
    shade = pyvips.Image.xyz(width, height)
    rgb = (shade[0] * 255 / width).bandjoin([shade[1] * 255 / height, 90]).cast("uchar")
    rgb.copy(interpretation="srgb").write_to_file(str(path))
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


def png_header(width: int, height: int) -> bytes:
    def chunk(name: bytes, content: bytes) -> bytes:
        check = zlib.crc32(name + content)
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", check)

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    rows = chunk(b"IDAT", zlib.compress(bytes(1_000_000)))
    return b"\x89PNG\r\n\x1a\n" + head + rows + chunk(b"IEND", b"")


@pytest.mark.parametrize("ending", ["jpg", "png", "webp", "gif", "avif"])
def test_every_usual_format_is_kept_with_its_blurhash(tmp_path: Path, ending: str) -> None:
    picture = a_picture(tmp_path / f"poster.{ending}", 1_200, 1_800)
    target = tmp_path / "poster.webp"
    poster = keep_art(KeepArt(path=bytes(picture), target_path=bytes(target)))
    kept = pyvips.Image.new_from_file(str(target))
    assert (kept.width, kept.height) == (poster.width_px, poster.height_px) == (1_000, 1_500)
    assert len(poster.blurhash) == 28


def test_a_picture_is_never_enlarged(tmp_path: Path) -> None:
    assert pyvips.Image.new_from_file(str(keep(a_picture(tmp_path / "a.png")))).width == 400


def test_the_ending_of_a_name_does_not_matter(tmp_path: Path) -> None:
    picture = a_picture(tmp_path / "a.png").rename(tmp_path / "poster.jpg")
    assert keep(picture).is_file()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", Reason.EMPTY),
        (b"a shopping list", Reason.UNKNOWN_FORMAT),
        (b"<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>", Reason.UNKNOWN_FORMAT),
        (b"\xff\xd8\xff\xe0 and no more", Reason.DAMAGED),
        (png_header(30_000, 30_000), Reason.PICTURE_TOO_LARGE),
        (png_header(30_000, 1), Reason.PICTURE_TOO_LARGE),
        (png_header(9_000, 9_000), Reason.DAMAGED),
    ],
)
def test_what_is_no_poster_says_why_and_leaves_nothing(
    tmp_path: Path, content: bytes, reason: Reason
) -> None:
    path = tmp_path / "poster.jpg"
    path.write_bytes(content)
    with pytest.raises(WorkerFailed) as failed:
        keep(path)
    assert failed.value.context["reason"] == reason
    assert not (tmp_path / "kept").exists()


@pytest.mark.parametrize("ending", ["jpg", "png", "webp"])
def test_half_a_picture_is_none(tmp_path: Path, ending: str) -> None:
    path = a_picture(tmp_path / f"poster.{ending}")
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(WorkerFailed, match="damaged"):
        keep(path)


@pytest.mark.parametrize("ending", ["jpg", "png", "webp", "gif", "avif"])
def test_wrong_bytes_end_in_a_picture_or_a_reason(tmp_path: Path, ending: str) -> None:
    path = a_picture(tmp_path / f"poster.{ending}", 60, 90)
    whole = path.read_bytes()
    for seed in range(60):
        chance = random.Random(seed)  # noqa: S311  (repeatable, not secret)
        content = bytearray(whole)
        for _ in range(chance.choice((1, 4, 30))):
            content[chance.randrange(len(content))] = chance.randrange(256)
        path.write_bytes(content)
        assert reason_of(path) in {None, *Reason}


@pytest.mark.parametrize("kind", ["avif", "webp", "jpeg"])
def test_a_copy_has_the_width_and_the_format_asked(tmp_path: Path, kind: PictureFormat) -> None:
    original = a_picture(tmp_path / "a.webp")
    for width, expected in ((160, 160), (900, 400)):
        target = tmp_path / f"copy-{width}.{kind}"
        work = Resize(path=bytes(original), target_path=bytes(target), width_px=width, format=kind)
        assert resize(work).size_bytes == target.stat().st_size
        copy = pyvips.Image.new_from_file(str(target))
        assert copy.width == expected
        assert copy.get("vips-loader") == {"avif": "heifload"}.get(kind, f"{kind}load")


def test_a_film_gives_the_cover_that_it_carries(tmp_path: Path) -> None:
    plain = make_film(tmp_path / "plain.mp4", Recipe(length_s=1))
    film = with_cover(plain, a_picture(tmp_path / "cover.jpg").read_bytes())
    kinds = [(stream.kind, stream.codec) for stream in probe(bytes(film)).streams]
    assert ("attachment", "mjpeg") in kinds
    target = tmp_path / "cover.webp"
    poster = take_cover(TakeCover(path=bytes(film), target_path=bytes(target)))
    assert (poster.width_px, poster.height_px) == (400, 600)
    with pytest.raises(WorkerFailed) as failed:
        take_cover(TakeCover(path=bytes(plain), target_path=bytes(target)))
    assert failed.value.context["reason"] == Reason.NO_PICTURE


def with_cover(plain: Path, jpeg: bytes) -> Path:
    """Write the film once more, with a cover."""
    film = plain.with_name("covered.mp4")
    with av.open(str(plain)) as source, av.open(str(film), "w") as copy:
        streams = {raw.index: copy.add_stream_from_template(raw) for raw in source.streams}
        cover = copy.add_stream("mjpeg", rate=1)
        cover.width, cover.height, cover.pix_fmt = 400, 600, "yuvj420p"
        cover.disposition = av.stream.Disposition.attached_pic
        packet = av.Packet(jpeg)
        packet.stream, packet.pts, packet.dts = cover, 0, 0
        for one in source.demux():
            if one.dts is not None:
                one.stream = streams[one.stream.index]
                copy.mux(one)
        copy.mux(packet)
    return film
