"""Films that play in segments, asked for as a player asks."""

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from server.kernel.realm import Secrets
from server.kernel.roles import Owner
from tests.helpers.media import make_film
from tests.helpers.web import RunningWeb, running_web

BROWSER: dict[str, Any] = {
    "files": [{"container": "mp4", "video_codecs": ["h264"], "audio_codecs": ["aac"]}],
    "hls": {"container": "mp4", "video_codecs": ["h264"], "audio_codecs": ["aac"]},
    "video": [{"codec": "h264"}],
    "audio": [{"codec": "aac"}],
}


@pytest.fixture
async def web(
    owner: Owner, owner_dsn: str, secrets: Secrets, tmp_path: Path
) -> AsyncIterator[RunningWeb]:
    data = tmp_path / "data"
    data.mkdir()
    async with running_web(owner_dsn, secrets, data) as running:
        yield running


async def library(client: httpx.AsyncClient, folder: Path, *names: str) -> dict[str, Any]:
    """Make films and have them scanned; return for each what a player asks with."""
    for name in names:
        home = folder / Path(name).stem
        home.mkdir(parents=True)
        make_film(home / name)
    new = {"name": "Films", "kind": "movie", "paths": [str(folder)]}
    assert (await client.post("/api/v1/libraries", json=new)).status_code == 201
    async with asyncio.timeout(60):
        while True:
            page = (await client.get("/api/v1/movies")).json()
            if len(page["items"]) == len(names):
                break
            await asyncio.sleep(0.05)
    asked = {}
    for card in page["items"]:
        movie = (await client.get(f"/api/v1/movies/{card['item_id']}")).json()
        file = movie["versions"][0]["files"][0]
        asked[file["name"]] = {"item_id": card["item_id"], "file_id": file["file_id"]}
    return asked


async def opened(client: httpx.AsyncClient, asked: dict[str, Any], **more: Any) -> Any:
    answer = await client.post(
        "/api/v1/playback/sessions", json={"browser": BROWSER, **asked, **more}
    )
    assert answer.status_code == 200, answer.text
    return answer.json()


def uris(playlist: str) -> list[str]:
    return [line for line in playlist.splitlines() if line and not line.startswith("#")]


async def test_a_film_that_a_browser_cannot_play_comes_in_segments(
    web: RunningWeb, tmp_path: Path
) -> None:
    name = "hevc_ac3.mkv"
    async with web.signed_in() as client:
        asked = (await library(client, tmp_path / "films", name))[name]
        play = await opened(client, asked)
        assert play["decision"]["method"] == "transcode"
        assert play["is_hls"]
        async with web.client() as player:
            master = await player.get(play["url"])
            assert master.status_code == 200, master.text
            base = play["url"].rpartition("/")[0]
            tracks = uris(master.text) + re.findall(r'URI="(.+?)"', master.text)
            for track in tracks:
                playlist = await player.get(f"{base}/{track}")
                assert playlist.status_code == 200, playlist.text
                folder = f"{base}/{track.partition('/')[0]}"
                names = uris(playlist.text) + re.findall(r'URI="(.+?)"', playlist.text)
                for one in names:
                    part = await player.get(f"{folder}/{one}")
                    assert part.status_code == 200, part.text
                    assert part.content
        report = {"position_ms": 4_000, "is_playing": True}
        state = await client.post(
            f"/api/v1/playback/sessions/{play['session_id']}/report", json=report
        )
        assert state.status_code == 200, state.text
        assert state.json()["progress"]["position_ms"] == 4_000
