"""Which of FFmpeg's filters a picture needs to be what a usual screen shows. Pure."""

from typing import Final, Literal

from msgspec import Struct

Filter = tuple[str, dict[str, str]]

_FULL_RANGE: Final = 2  # AVColorRange
_UNSPECIFIED: Final = 2  # ITU-T H.273, for primaries, transfer and matrix alike
_RGB: Final = 0
_BT709, _BT601, _BT2020 = 1, 6, 9
_TRANSFERS: Final[dict[int, Literal["pq", "hlg"]]] = {16: "pq", 18: "hlg"}
_HD_PX: Final = 720
_TURNS: Final[dict[int, tuple[Filter, ...]]] = {
    90: (("transpose", {"dir": "clock"}),),
    180: (("hflip", {}), ("vflip", {})),
    270: (("transpose", {"dir": "cclock"}),),
}


class Colours(Struct, frozen=True, kw_only=True):
    """How the numbers of a picture are meant, in the codes of ITU-T H.273 and FFmpeg's AVColorRange."""

    primaries: int
    transfer: int
    matrix: int
    range: int

    @property
    def light(self) -> Literal["pq", "hlg"] | None:
        """Return how a picture is HDR, None where it is not."""
        return _TRANSFERS.get(self.transfer)


class Look(Struct, frozen=True, kw_only=True):
    """What a film's pictures are like as they come out of the decoder; `turn_deg` is clockwise until they stand upright."""

    width_px: int
    height_px: int
    pixel_format: str
    colours: Colours
    turn_deg: int
    is_interlaced: bool


SCREEN: Final = Colours(primaries=_BT709, transfer=_BT709, matrix=_BT709, range=1)


def filters(look: Look, width_px: int, height_px: int, *, table_path: str = "") -> list[Filter]:
    """Return name and options of each filter, in order; none where the pictures are right as they are.

    `table_path` is the file of the table that brings HDR down; only HDR needs it.
    """
    size = _lying(look, width_px, height_px)
    scale = {"w": str(size[0]), "h": str(size[1])}
    to_screen = {"out_color_matrix": "bt709", "out_range": "tv"}
    chain: list[Filter] = []
    if look.is_interlaced:
        chain.append(("bwdif", {"mode": "send_frame", "deint": "interlaced"}))
    if look.colours.light:
        chain += [("scale", scale), ("format", {"pix_fmts": "gbrp10le"})]
        chain += [("lut3d", {"file": table_path}), ("scale", to_screen)]
    elif look.colours.matrix == _RGB:
        chain.append(("scale", scale | to_screen))
    elif _is_odd(look) or (look.width_px, look.height_px) != size:
        chain.append(("scale", scale | {"out_range": "tv"}))
    chain += _TURNS.get(look.turn_deg, ())
    return [*chain, ("format", {"pix_fmts": "yuv420p"}), ("setsar", {"sar": "1"})] if chain else []


def shown_colours(look: Look) -> Colours:
    """Return how the numbers are meant behind the filters; what the film leaves open is what players guess."""
    if look.colours.light or look.colours.matrix == _RGB:
        return SCREEN
    guess = _BT709 if look.height_px >= _HD_PX else _BT601
    codes = (look.colours.primaries, look.colours.transfer, look.colours.matrix)
    primaries, transfer, matrix = (guess if code == _UNSPECIFIED else code for code in codes)
    return Colours(primaries=primaries, transfer=transfer, matrix=matrix, range=1)


def meant_colours(colours: Colours) -> Colours:
    """Return what the colours of a film must be where it says HDR and leaves the rest open."""
    if colours.light is None or colours.matrix != _UNSPECIFIED:
        return colours
    return Colours(
        primaries=_BT2020, transfer=colours.transfer, matrix=_BT2020, range=colours.range
    )


def _lying(look: Look, width_px: int, height_px: int) -> tuple[int, int]:
    """Return the size that pictures have before they are turned upright."""
    return (height_px, width_px) if look.turn_deg in {90, 270} else (width_px, height_px)


def _is_odd(look: Look) -> bool:
    is_full = look.colours.range == _FULL_RANGE or look.pixel_format.startswith("yuvj")
    return is_full or look.pixel_format != "yuv420p"
