"""What counts as a stream that background work gives way to."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from server.kernel.realm import Secrets
from server.kernel.roles import Owner
from tests.helpers.media import make_film
from tests.helpers.playing import Player, library, opened, report
from tests.helpers.web import running_web


@pytest.fixture
async def client(
    owner: Owner, owner_dsn: str, secrets: Secrets, tmp_path: Path
) -> AsyncIterator[httpx.AsyncClient]:
    (tmp_path / "data").mkdir()
    (tmp_path / "films").mkdir()
    async with (
        running_web(owner_dsn, secrets, tmp_path / "data") as web,
        web.signed_in() as signed_in,
    ):
        yield signed_in


async def rooms(client: httpx.AsyncClient) -> tuple[bool, dict[str, int]]:
    """Return whether work gives way, and how many jobs of each queue may run at once."""
    found = (await client.get("/api/v1/jobs/overview")).json()
    return found["gives_way"], {one["name"]: one["limit_now"] for one in found["queues"]}


CALM = (False, {"transcode": 2, "metadata": 16, "notification": 8, "library": 4, "scrobble": 4})
BUSY = (True, {"transcode": 1, "metadata": 8, "notification": 8, "library": 1, "scrobble": 1})


async def test_a_file_that_is_sent_is_a_stream(client: httpx.AsyncClient, tmp_path: Path) -> None:
    make_film(tmp_path / "films" / "h264_aac.mp4")
    asked = (await library(client, tmp_path / "films"))["h264_aac.mp4"]
    content = f"/api/v1/files/{asked['file_id']}/content"
    await client.head(content)
    await client.get(content, headers={"Range": "bytes=99999999-"})
    assert await rooms(client) == CALM
    await client.get(content, headers={"Range": "bytes=0-"})
    assert await rooms(client) == BUSY
    metrics = (await client.get("/metrics")).text
    assert 'background_job_throttle_ratio{queue="library"} 0.25' in metrics


async def test_a_segment_is_a_stream(client: httpx.AsyncClient, tmp_path: Path) -> None:
    make_film(tmp_path / "films" / "h264_aac.mkv")
    asked = (await library(client, tmp_path / "films"))["h264_aac.mkv"]
    player = Player(client, await opened(client, asked))
    await player.tracks()
    assert await rooms(client) == CALM
    await player.part("v", 0)
    assert await rooms(client) == BUSY


async def test_a_player_that_has_enough_for_now_plays_on(
    client: httpx.AsyncClient, tmp_path: Path
) -> None:
    make_film(tmp_path / "films" / "h264_aac.mp4")
    play = await opened(client, (await library(client, tmp_path / "films"))["h264_aac.mp4"])
    await report(client, play, 1_000, is_playing=False)
    assert await rooms(client) == CALM
    await report(client, play, 1_000)
    assert await rooms(client) == BUSY


async def test_a_queue_that_rests_has_no_room(client: httpx.AsyncClient) -> None:
    await client.put("/api/v1/jobs/queues", json={"name": "library", "is_paused": True})
    assert (await rooms(client))[1]["library"] == 0
