"""Real films, real workers, real answers: from a folder to bytes and a picture."""

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import pytest

from app.supervisor.worker import WorkerPool
from server.kernel.db import Db
from server.kernel.roles import Owner
from tests.helpers.media import broken_films, make_film
from tests.integration.services.catalog.shelf import Shelf, a_shelf


@pytest.fixture
async def real_shelf(db: Db, owner: Owner, dsn: str, tmp_path: Path) -> AsyncIterator[Shelf]:
    async with WorkerPool() as workers, a_shelf(db, owner, dsn, tmp_path, workers) as shelf:
        yield shelf


async def test_real_films_become_cards_with_streams_and_pictures(real_shelf: Shelf) -> None:
    for name in ("h264_aac.mp4", "vp9_opus.webm"):
        folder = real_shelf.folder / f"{name.partition('_')[0]} film (2001)"
        folder.mkdir()
        make_film(folder / name).rename(folder / f"{folder.name}{Path(name).suffix}")
    broken_films(real_shelf.folder)
    library = await real_shelf.open()
    assert library.scan is not None
    assert (library.scan.state, library.item_count) == ("done", len(await real_shelf.titles()))
    assert library.scan.error_count > 0
    cards = {card.title: card for card in (await real_shelf.page()).items}
    card = cards["h264 film"]
    movie = await real_shelf.movies.get(real_shelf.viewer, card.item_id)
    (version,) = movie.versions
    (file,) = version.files
    assert file.media_type.startswith('video/mp4; codecs="avc1.')
    assert [stream.kind for stream in file.streams] == ["video", "audio"]
    assert file.streams[0].width_px == 320
    assert card.length_ms == pytest.approx(6_000, abs=100)
    assert movie.image_url is not None
    picture = real_shelf.storage.image_path(card_image(movie.image_url))
    assert picture.read_bytes()[8:12] == b"WEBP"


def card_image(url: str) -> UUID:
    """Return the id in the address of a picture."""
    return UUID(url.rpartition("/")[2])
