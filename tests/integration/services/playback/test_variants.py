"""Copies of posters, backdrops and logos by real workers."""

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import pytest
import pyvips

from app.supervisor.worker import WorkerPool
from server.kernel.ids import new_id
from server.kernel.storage import Storage
from server.kernel.tasks import TaskScope
from server.media.model import KeepArt
from server.services.playback.variants import WIDTHS_PX, Variant, Variants
from tests.helpers.pictures import logo, shade


@pytest.fixture
async def pool() -> AsyncIterator[WorkerPool]:
    async with WorkerPool(limit=1) as opened:
        yield opened


@pytest.fixture
async def variants(tmp_path: Path, pool: WorkerPool) -> AsyncIterator[Variants]:
    async with TaskScope() as tasks:
        yield Variants(Storage(tmp_path), pool, tasks, quota_bytes=lambda: 2**30)


async def kept(tmp_path: Path, pool: WorkerPool, content: bytes) -> UUID:
    image_id, source = new_id(), tmp_path / "art"
    source.write_bytes(content)
    target = bytes(Storage(tmp_path).image_path(image_id))
    await pool.run(KeepArt(path=bytes(source), target_path=target, width_px=1_920), timeout_s=30)
    return image_id


@pytest.mark.parametrize(
    ("accept", "loader"),
    [
        ("image/avif,image/webp,*/*;q=0.8", "heifload"),
        ("image/webp,*/*;q=0.8", "webpload"),
        ("image/jpeg", "pngload"),
        ("image/png", "pngload"),
        ("*/*", "webpload"),
    ],
)
async def test_a_logo_shows_through_in_every_format(
    tmp_path: Path, pool: WorkerPool, variants: Variants, accept: str, loader: str
) -> None:
    image_id = await kept(tmp_path, pool, logo(800, 310).pngsave_buffer())
    kind = await variants.format_for(image_id, accept)
    path = await variants.get(Variant(image_id, 320, kind))
    copy = pyvips.Image.new_from_file(str(path))
    assert (copy.get("vips-loader"), copy.width, copy.bands) == (loader, 320, 4)
    assert (copy(40, 60)[3], copy(280, 60)[3]) == (0, 255)


async def test_a_backdrop_has_a_copy_for_every_width(
    tmp_path: Path, pool: WorkerPool, variants: Variants
) -> None:
    image_id = await kept(tmp_path, pool, shade(3_840, 2_160).jpegsave_buffer())
    assert await variants.format_for(image_id, "image/jpeg") == "jpeg"
    for width in WIDTHS_PX:
        path = await variants.get(Variant(image_id, width, "jpeg"))
        copy = pyvips.Image.new_from_file(str(path))
        assert (copy.width, copy.height) == (width, width * 9 // 16)


async def test_a_picture_that_is_gone_is_no_error(variants: Variants) -> None:
    image_id = new_id()
    assert await variants.format_for(image_id, "image/jpeg") == "jpeg"
    assert await variants.get(Variant(image_id, 320, "jpeg")) is None
