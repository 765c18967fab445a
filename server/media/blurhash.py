"""The few characters that stand for a picture until it is there (https://blurha.sh, by Wolt). Pure."""

import math
from collections.abc import Sequence

_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz#$%*+,-.:;=?@[]^_{|}~"
_LINEAR_TOE, _CURVED_TOE = 0.04045, 0.0031308  # IEC 61966-2-1
_LINEAR = tuple(
    value / 12.92 if value <= _LINEAR_TOE else ((value + 0.055) / 1.055) ** 2.4
    for value in (number / 255 for number in range(256))
)

type Colour = tuple[float, float, float]


def blurhash(rgb: bytes, width: int, height: int) -> str:
    """Return the hash of a small picture of three bytes a pixel, row by row; four waves along its longer side."""
    across, down = (3, 4) if height > width else (4, 3)
    waves = _waves(rgb, width, height, across, down)
    first, rest = waves[0], waves[1:]
    most = max(abs(level) for wave in rest for level in wave)
    step = max(0, min(82, math.floor(most * 166 - 0.5)))
    scale = (step + 1) / 166
    size = _digits(across - 1 + (down - 1) * 9, 1)
    head = size + _digits(step, 1) + _digits(_mean(first), 4)
    return head + "".join(_digits(_wave(wave, scale), 2) for wave in rest)


def _waves(rgb: bytes, width: int, height: int, across: int, down: int) -> list[Colour]:
    """Return how strong each wave is in each colour: first along the rows, then along the columns."""
    columns = [
        [math.cos(math.pi * wave * x / width) for x in range(width)] for wave in range(across)
    ]
    rows = [[math.cos(math.pi * wave * y / height) for y in range(height)] for wave in range(down)]
    linear = [_LINEAR[value] for value in rgb]
    along = [
        [
            [
                _sum(columns[wave], linear[y * width * 3 + band : (y + 1) * width * 3 : 3])
                for y in range(height)
            ]
            for band in range(3)
        ]
        for wave in range(across)
    ]
    norm = width * height
    found = []
    for v in range(down):
        for u in range(across):
            weight = (1 if u == v == 0 else 2) / norm
            red, green, blue = (_sum(rows[v], along[u][band]) * weight for band in range(3))
            found.append((red, green, blue))
    return found


def _sum(left: Sequence[float], right: Sequence[float]) -> float:
    return math.sumprod(left, right)


def _mean(colour: Colour) -> int:
    red, green, blue = (_srgb(level) for level in colour)
    return (red << 16) + (green << 8) + blue


def _wave(colour: Colour, scale: float) -> int:
    red, green, blue = (_quantised(level / scale) for level in colour)
    return red * 361 + green * 19 + blue


def _quantised(level: float) -> int:
    root = math.copysign(math.sqrt(abs(level)), level)
    return max(0, min(18, math.floor(root * 9 + 9.5)))


def _srgb(level: float) -> int:
    level = max(0.0, min(1.0, level))
    curved = level * 12.92 if level <= _CURVED_TOE else 1.055 * level ** (1 / 2.4) - 0.055
    return int(curved * 255 + 0.5)


def _digits(value: int, length: int) -> str:
    return "".join(_DIGITS[value // 83**place % 83] for place in range(length - 1, -1, -1))
