"""Brings the light of HDR films down to what a usual screen shows: a table for FFmpeg's filter `lut3d`. Pure.

PQ and HLG are ITU-R BT.2100; the curve that keeps shadows and bends highlights is the EETF of ITU-R BT.2390 (annex 5),
from 1000 nits to 203, the white of BT.2408; the change of primaries is ITU-R BT.2087. FFmpeg's `scale` can do the same,
but needs two seconds to prepare itself.
"""

import math
from collections.abc import Iterator
from functools import cache
from itertools import product
from typing import Final, Literal

_SIZE: Final = 33
_PEAK_NITS: Final = 1_000.0
_WHITE_NITS: Final = 203.0
_SCREEN_GAMMA: Final = 2.4
_M1, _M2 = 2610 / 16384, 2523 / 4096 * 128
_C1, _C2, _C3 = 3424 / 4096, 2413 / 4096 * 32, 2392 / 4096 * 32
_HLG_A, _HLG_B, _HLG_C = 0.17883277, 0.28466892, 0.55991073
_LUMA: Final = (0.2627, 0.6780, 0.0593)
_TO_BT709: Final = (
    (1.6605, -0.5876, -0.0728),
    (-0.1246, 1.1329, -0.0083),
    (-0.0182, -0.1006, 1.1187),
)

type Rgb = tuple[float, float, float]


@cache
def tone_table(transfer: Literal["pq", "hlg"]) -> str:
    """Return the table as a .cube file: from R'G'B' of BT.2100 to R'G'B' of BT.709, red changing fastest."""
    steps = [place / (_SIZE - 1) for place in range(_SIZE)]
    light = _pq_light(steps) if transfer == "pq" else _hlg_light(steps)
    rows = ("{:.5f} {:.5f} {:.5f}".format(*_on_screen(nits)) for nits in light)
    return "\n".join([f"LUT_3D_SIZE {_SIZE}", *rows, ""])


def pq(nits: float) -> float:
    """Return the signal of PQ for an amount of light."""
    power = (max(nits, 0.0) / 10_000) ** _M1
    return float(((_C1 + _C2 * power) / (1 + _C3 * power)) ** _M2)


def pq_nits(signal: float) -> float:
    """Return the amount of light for a signal of PQ."""
    power = signal ** (1 / _M2)
    return float(10_000 * (max(power - _C1, 0.0) / (_C2 - _C3 * power)) ** (1 / _M1))


def bent_nits(nits: float) -> float:
    """Return how much light is left where the screen is as bright as white paper."""
    source, target = pq(_PEAK_NITS), pq(_WHITE_NITS)
    most = target / source
    knee = 1.5 * most - 0.5
    signal = min(pq(nits) / source, 1.0)
    if signal > knee:
        t = (signal - knee) / (1 - knee)
        signal = (
            (2 * t**3 - 3 * t**2 + 1) * knee
            + (t**3 - 2 * t**2 + t) * (1 - knee)
            + (-2 * t**3 + 3 * t**2) * most
        )
    return pq_nits(signal * source)


def _pq_light(steps: list[float]) -> Iterator[Rgb]:
    bent = [bent_nits(pq_nits(signal)) for signal in steps]
    for blue, green, red in product(bent, repeat=3):
        yield red, green, blue


def _hlg_light(steps: list[float]) -> Iterator[Rgb]:
    """Yield light as a screen of 1000 nits shows it: HLG's own is that of the scene."""
    scene = [_hlg_scene(signal) for signal in steps]
    for blue, green, red in product(scene, repeat=3):
        luma = _LUMA[0] * red + _LUMA[1] * green + _LUMA[2] * blue
        gain = _PEAK_NITS * luma**0.2
        yield bent_nits(red * gain), bent_nits(green * gain), bent_nits(blue * gain)


def _hlg_scene(signal: float) -> float:
    if signal <= 0.5:  # noqa: PLR2004 - where the two parts of the curve meet
        return signal**2 / 3
    return (math.exp((signal - _HLG_C) / _HLG_A) + _HLG_B) / 12


def _on_screen(light: Rgb) -> Iterator[float]:
    """Yield red, green and blue as the signal of a usual screen."""
    red, green, blue = light
    for by_red, by_green, by_blue in _TO_BT709:
        share = (by_red * red + by_green * green + by_blue * blue) / _WHITE_NITS
        yield min(max(share, 0.0), 1.0) ** (1 / _SCREEN_GAMMA)
