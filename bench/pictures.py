"""Pictures: thumbnails of 12 MP against bare pyvips in this process, and posters of small films by the worker pool."""

import asyncio
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pyvips

from app.supervisor.worker import WorkerPool
from bench.measure import alternate
from server.media.model import MakePoster, Resize
from server.media.pictures import resize
from tests.helpers.media import Recipe, make_film

_COUNT = 10
_FILMS = 60
_WIDTH_PX = 320


def main() -> None:
    """Print both figures."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        source = folder / "source.jpg"
        noise = pyvips.Image.gaussnoise(4000, 3000, sigma=20, mean=128).cast("uchar")
        noise.bandjoin([noise, noise]).copy(interpretation="srgb").jpegsave(str(source), Q=85)
        rates = alternate(
            5, {"ours": _rate(lambda: _ours(source)), "bare": _rate(lambda: _bare(source))}
        )
        print(f"12 MP to {_WIDTH_PX} px: {rates['ours']:.1f}/s, bare pyvips {rates['bare']:.1f}/s,")
        print(f"ratio {rates['ours'] / rates['bare']:.2f}")
        print(f"posters by two workers: {asyncio.run(_posters(folder)):.1f}/s")


def _rate(work: Callable[[], None]) -> Callable[[], float]:
    def measure() -> float:
        begun_s = time.perf_counter()
        for _ in range(_COUNT):
            work()
        return _COUNT / (time.perf_counter() - begun_s)

    return measure


def _ours(source: Path) -> None:
    target = bytes(source.with_name("ours.webp"))
    resize(Resize(path=bytes(source), target_path=target, width_px=_WIDTH_PX, format="webp"))


def _bare(source: Path) -> None:
    picture = pyvips.Image.thumbnail(str(source), _WIDTH_PX)
    picture.webpsave(str(source.with_name("bare.webp")), Q=80, keep="none")


async def _posters(folder: Path) -> float:
    film = make_film(folder / "film.mp4", Recipe(length_s=4, width_px=1280, height_px=720))
    async with WorkerPool(limit=2) as pool:

        async def one(number: int) -> None:
            target = bytes(folder / f"{number}.webp")
            await pool.run(MakePoster(path=bytes(film), target_path=target), timeout_s=60)

        await asyncio.gather(*(one(number) for number in range(2)))
        begun_s = time.perf_counter()
        await asyncio.gather(*(one(number) for number in range(_FILMS)))
        return _FILMS / (time.perf_counter() - begun_s)


if __name__ == "__main__":
    main()
