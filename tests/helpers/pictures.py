"""Small real pictures of every kind for tests, made by libvips and FFmpeg: a shade from dark to light, the same in all."""

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

import pyvips
from av import CodecContext
from av.video.frame import VideoFrame

WIDTH_PX, HEIGHT_PX = 120, 90
_TURNED_LEFT = 6  # EXIF: the first row of the file is the right-hand column of the picture


def shade(width: int = WIDTH_PX, height: int = HEIGHT_PX) -> pyvips.Image:
    """Return a picture in sRGB: red grows to the right, green downwards, blue stays."""
    place = pyvips.Image.xyz(width, height)
    rgb = (place[0] * 255 / width).bandjoin([place[1] * 255 / height, 90])
    return rgb.cast("uchar").copy(interpretation="srgb")


def logo(width: int = WIDTH_PX, height: int = HEIGHT_PX) -> pyvips.Image:
    """Return a shade whose left half is see-through."""
    alpha = (pyvips.Image.xyz(width, height)[0] >= width / 2).ifthenelse(255, 0)
    return shade(width, height).bandjoin(alpha)


def picture(name: str) -> bytes:
    """Return the file of a name in PICTURES or STRANGERS."""
    return bytes({**PICTURES, **STRANGERS}[name]())


def _turned() -> bytes:
    turned = shade().rot270().copy()
    turned.set_type(pyvips.GValue.gint_type, "orientation", _TURNED_LEFT)
    return bytes(turned.jpegsave_buffer(Q=95))


def _wide() -> pyvips.Image:
    return shade().icc_transform("p3", input_profile="srgb")


def _moving() -> pyvips.Image:
    return pyvips.Image.arrayjoin([shade(), shade().invert(), shade().invert()], across=1)


def _grey(interpretation: str = "b-w") -> pyvips.Image:
    return shade().colourspace(interpretation)


def _print() -> pyvips.Image:
    return shade().icc_transform("cmyk", input_profile="srgb")


PICTURES: Mapping[str, Callable[[], bytes]] = {
    "plain.jpg": lambda: shade().jpegsave_buffer(Q=95),
    "progressive.jpg": lambda: shade().jpegsave_buffer(Q=95, interlace=True),
    "grey.jpg": lambda: _grey().jpegsave_buffer(Q=95),
    "print.jpg": lambda: _print().jpegsave_buffer(Q=95),
    "print_without_profile.jpg": lambda: _print().jpegsave_buffer(Q=95, keep="none"),
    "turned.jpg": _turned,
    "wide.jpg": lambda: _wide().jpegsave_buffer(Q=95),
    "hdr.jpg": lambda: shade().colourspace("scrgb").uhdrsave_buffer(Q=95),
    "plain.png": lambda: shade().pngsave_buffer(),
    "interlaced.png": lambda: shade().pngsave_buffer(interlace=True),
    "palette.png": lambda: shade().pngsave_buffer(palette=True),
    "deep.png": lambda: shade().colourspace("rgb16").pngsave_buffer(bitdepth=16),
    "deep_grey.png": lambda: _grey("grey16").pngsave_buffer(bitdepth=16),
    "grey_alpha.png": lambda: _grey().bandjoin(logo()[3]).pngsave_buffer(),
    "logo.png": lambda: logo().pngsave_buffer(),
    "wide.png": lambda: _wide().pngsave_buffer(),
    "plain.webp": lambda: shade().webpsave_buffer(Q=95),
    "lossless.webp": lambda: shade().webpsave_buffer(lossless=True),
    "logo.webp": lambda: logo().webpsave_buffer(Q=95),
    "moving.webp": lambda: _moving().webpsave_buffer(Q=95, page_height=HEIGHT_PX),
    "plain.gif": lambda: shade().gifsave_buffer(),
    "moving.gif": lambda: _moving().gifsave_buffer(page_height=HEIGHT_PX),
    "plain.avif": lambda: _avif(shade()),
    "deep.avif": lambda: _avif(shade().colourspace("rgb16"), bitdepth=10),
    "logo.avif": lambda: _avif(logo()),
}
"""What people put beside films; each shows the shade of `shade`, or its grey."""

STRANGERS: Mapping[str, Callable[[], bytes]] = {
    "plain.tiff": lambda: shade().tiffsave_buffer(),
    "plain.bmp": lambda: _by_ffmpeg("bmp", "bgr24"),
    "plain.qoi": lambda: _by_ffmpeg("qoi", "rgb24"),
    "plain.svg": lambda: (
        b'<svg xmlns="http://www.w3.org/2000/svg" width="120" height="90"><rect width="9" height="9"/></svg>'
    ),
    "plain.vips": lambda: shade().write_to_memory(),
}
"""What is refused by its first bytes."""


def _avif(shown: pyvips.Image, bitdepth: int = 8) -> bytes:
    content = shown.heifsave_buffer(compression="av1", Q=90, effort=0, bitdepth=bitdepth)
    return bytes(content)


def _by_ffmpeg(codec: str, pixel_format: str) -> bytes:
    encoder: Any = CodecContext.create(codec, "w")
    encoder.width, encoder.height, encoder.pix_fmt = WIDTH_PX, HEIGHT_PX, pixel_format
    encoder.time_base = Fraction(1, 25)
    frame = VideoFrame(WIDTH_PX, HEIGHT_PX, pixel_format)
    packets = [*encoder.encode(frame), *encoder.encode(None)]
    return bytes(packets[0])
