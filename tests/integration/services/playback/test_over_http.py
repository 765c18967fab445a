"""The way from a folder to a film that plays, asked as a browser asks."""

import asyncio
from pathlib import Path
from typing import Any

import httpx

from server.kernel.realm import Secrets
from server.kernel.roles import Owner
from tests.helpers.media import make_film
from tests.helpers.until import until
from tests.helpers.web import running_web


async def test_from_a_folder_to_a_playing_film(
    owner: Owner, owner_dsn: str, secrets: Secrets, tmp_path: Path
) -> None:
    films, data = tmp_path / "films", tmp_path / "data"
    films.mkdir()
    data.mkdir()
    film = make_film(films / "h264_aac.mp4").rename(films / "Alien (1979).mp4")
    async with running_web(owner_dsn, secrets, data) as web, web.signed_in() as client:
        new = {"name": "Films", "kind": "movie", "paths": [str(films)]}
        answer = await client.post("/api/v1/libraries", json=new)
        assert answer.status_code == 201, answer.text
        library = await scanned(client, answer.json()["library_id"])
        assert (library["item_count"], library["roots"][0]["state"]) == (1, "online")
        page = await got(client, "/api/v1/movies?sort=added&limit=1&offset=0")
        (card,) = page["items"]
        assert (card["title"], card["year"], page["total_count"]) == ("Alien", 1979, 1)
        await until(lambda: owner.fetchval("SELECT title = 'Alien' FROM search_documents"))
        movie = await got(client, f"/api/v1/movies/{card['item_id']}")
        content = movie["versions"][0]["files"][0]["content_url"]
        part = await client.get(content, headers={"Range": "bytes=-100"})
        assert (part.status_code, part.content) == (206, film.read_bytes()[-100:])
        assert part.headers["Content-Type"].startswith("video/mp4")
        picture = await client.get(movie["image_url"])
        assert (picture.status_code, picture.headers["Content-Type"]) == (200, "image/webp")
        progress = f"/api/v1/items/{card['item_id']}/progress"
        kept = await client.put(progress, json={"position_ms": 3_000})
        assert kept.status_code == 200
        assert await got(client, progress) == kept.json()
        again = await client.post(f"/api/v1/libraries/{library['library_id']}/scan")
        assert again.status_code == 202
        async with web.client() as stranger:
            for path in (content, movie["image_url"], progress, "/api/v1/movies"):
                assert (await stranger.get(path)).status_code == 401


async def got(client: httpx.AsyncClient, path: str) -> Any:
    answer = await client.get(path)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def scanned(client: httpx.AsyncClient, library_id: str) -> Any:
    """Wait until the scan of a library is done, and its pictures are made."""
    async with asyncio.timeout(60):
        while True:
            library = await got(client, f"/api/v1/libraries/{library_id}")
            if library["scan"]["state"] == "done" and not library["due_picture_count"]:
                return library
            assert library["scan"]["state"] != "failed"
            await asyncio.sleep(0.05)
