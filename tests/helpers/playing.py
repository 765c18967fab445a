"""A library of real films behind a real server, and players that ask it as browsers do."""

import asyncio
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import psutil

from tests.helpers.hls import Playlist, read_playlist

BROWSER: dict[str, Any] = {
    "files": [{"container": "mp4", "video_codecs": ["h264"], "audio_codecs": ["aac"]}],
    "hls": {"container": "mp4", "video_codecs": ["h264"], "audio_codecs": ["aac"]},
    "video": [{"codec": "h264"}],
    "audio": [{"codec": "aac"}],
}
"""A browser that plays H.264 and AAC, in mp4 only."""


async def library(client: httpx.AsyncClient, folder: Path) -> dict[str, dict[str, str]]:
    """Have a folder of films scanned; return by the name of each file what a player asks with."""
    new = {"name": "Films", "kind": "movie", "paths": [str(folder)]}
    answer = await client.post("/api/v1/libraries", json=new)
    assert answer.status_code == 201, answer.text
    url = f"/api/v1/libraries/{answer.json()['library_id']}"
    async with asyncio.timeout(60):
        while (await client.get(url)).json()["scan"]["state"] != "done":  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    asked = {}
    for card in (await client.get("/api/v1/movies")).json()["items"]:
        movie = (await client.get(f"/api/v1/movies/{card['item_id']}")).json()
        for version in movie["versions"]:
            for file in version["files"]:
                asked[file["name"]] = {"item_id": card["item_id"], "file_id": file["file_id"]}
    return asked


async def opened(client: httpx.AsyncClient, asked: Mapping[str, Any], **more: Any) -> Any:
    """Begin a session; return what the server says of it."""
    wanted = {"browser": BROWSER, **asked, **more}
    answer = await client.post("/api/v1/playback/sessions", json=wanted)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def changed(client: httpx.AsyncClient, play: Any, **more: Any) -> Any:
    """Go on with a session in another way."""
    wanted = {"browser": BROWSER, "item_id": play["item_id"], "file_id": play["file_id"], **more}
    answer = await client.put(f"/api/v1/playback/sessions/{play['session_id']}", json=wanted)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def report(
    client: httpx.AsyncClient, play: Any, position_ms: int, *, is_playing: bool = True
) -> httpx.Response:
    """Say where a player is."""
    body = {"position_ms": position_ms, "is_playing": is_playing}
    return await client.post(f"/api/v1/playback/sessions/{play['session_id']}/report", json=body)


class Player:
    """Whoever follows the playlists of a film, with its ticket alone."""

    def __init__(self, client: httpx.AsyncClient, play: Any) -> None:
        self._client = client
        self._base = play["url"].rpartition("/")[0]
        self._master = play["url"]

    async def tracks(self) -> dict[str, Playlist]:
        """Return the playlists of all tracks by name; each must be without a fault."""
        master = read_playlist(await self._text(self._master))
        assert master.faults == []
        names = [*master.uris, *(one["URI"] for one in master.media)]
        found = {}
        for name in names:
            playlist = read_playlist(await self._text(f"{self._base}/{name}"))
            assert playlist.faults == []
            found[name.partition("/")[0]] = playlist
        return found

    async def part(self, track: str, name: str | int) -> httpx.Response:
        """Return the answer to the wish for a header or a numbered segment."""
        ending = "vtt" if track.startswith("t") else "m4s"
        file = f"{name}.{ending}" if isinstance(name, int) else name
        return await self._client.get(f"{self._base}/{track}/{file}")

    async def whole(self, track: str, playlist: Playlist) -> bytes:
        """Return a track from its header to its end."""
        parts = [await self.part(track, name) for name in [*playlist.maps, *playlist.uris]]
        for part in parts:
            assert part.status_code == 200, part.text
        return b"".join(part.content for part in parts)

    async def _text(self, url: str) -> str:
        answer = await self._client.get(url)
        assert answer.status_code == 200, answer.text
        return answer.text


def stream_workers() -> list[psutil.Process]:
    """Return the workers of ours that make segments: they are not nice to others."""
    return [worker for worker in _workers() if worker.nice() == psutil.Process().nice()]


def _workers() -> Iterator[psutil.Process]:
    for child in psutil.Process().children():
        with psutil.Process.oneshot(child):
            if re.search(r"\bworker$", " ".join(child.cmdline())):
                yield child
