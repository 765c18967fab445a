"""What slices do reaches the log through the outbox, and the log answers over HTTP."""

import asyncio
from pathlib import Path
from typing import Any

import httpx
import pytest

from server.kernel.roles import Owner
from tests.helpers.media import Recipe, make_film
from tests.helpers.playing import library, opened, report
from tests.helpers.web import ADMIN_NAME, RunningWeb

PATH = "/api/v1/activity"
CLAIMED = ("session.begun", "account.created", "session.refused")
"""What the test's own sign-in leaves, which first tries whether there is an account."""


async def kinds(client: httpx.AsyncClient, *expected: str) -> list[dict[str, Any]]:
    """Return the log once it holds these kinds, the latest first."""
    items: list[dict[str, Any]] = []
    for _ in range(200):
        items = (await client.get(PATH)).json()["items"]
        if [one["kind"] for one in items] == list(expected):
            break
        await asyncio.sleep(0.1)
    assert [one["kind"] for one in items] == list(expected)
    return items


async def test_sign_ins_are_noted_with_their_address_and_without_what_was_typed(
    web: RunningWeb, owner: Owner
) -> None:
    async with web.signed_in() as client:
        for name in (ADMIN_NAME, "my-secret-typed-as-name"):
            given = {"name": name, "password": "wrong"}
            assert (await client.post("/api/v1/auth/login", json=given)).status_code == 401
        unknown, known, begun, created, _ = await kinds(
            client, "session.refused", "session.refused", *CLAIMED
        )
        assert (known["user_name"], known["address"]) == (ADMIN_NAME, "127.0.0.1")
        assert (unknown["user_name"], unknown["user_id"]) == (None, None)
        assert begun["user_id"] == created["user_id"] == known["user_id"]
        people = (await client.get(f"{PATH}/people")).json()["items"]
        assert people == [{"user_id": begun["user_id"], "name": ADMIN_NAME}]
    texts = await owner.fetch("SELECT body FROM public.events")
    assert not any("my-secret" in record["body"] or "wrong" in record["body"] for record in texts)


async def test_a_library_from_adding_to_removal(web: RunningWeb, tmp_path: Path) -> None:
    make_film(tmp_path / "Alien (1979).mp4", Recipe(length_s=1))
    async with web.signed_in() as client:
        given = {"name": "Cinema", "kind": "movie", "paths": [str(tmp_path)]}
        made = (await client.post("/api/v1/libraries", json=given)).json()
        scanned, added, *_ = await kinds(client, "scan.finished", "library.added", *CLAIMED)
        assert (scanned["subject"], scanned["user_id"]) == ("Cinema", None)
        assert (added["subject"], added["user_name"]) == ("Cinema", ADMIN_NAME)
        assert added["subject_id"] == made["library_id"]
        await client.delete(f"/api/v1/libraries/{made['library_id']}")
        before = ("scan.finished", "library.added", *CLAIMED)
        removed, *_ = await kinds(client, "library.removed", *before)
        assert removed["subject"] == "Cinema"


async def test_a_new_password_is_noted(web: RunningWeb) -> None:
    async with web.signed_in() as client:
        given = {"current_password": "correct horse battery", "new_password": "another horse"}
        assert (await client.post("/api/v1/auth/password", json=given)).status_code == 204
        await kinds(client, "account.password_changed", *CLAIMED)


async def test_who_signs_out_is_noted(web: RunningWeb) -> None:
    async with web.signed_in() as client:
        assert (await client.post("/api/v1/auth/logout")).status_code == 204
    async with web.signed_in() as client:
        _, ended, *_ = await kinds(client, "session.begun", "session.ended", *CLAIMED)
        assert ended["user_name"] == ADMIN_NAME


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=501",
        "topic=nothing",
        "topic=session.begun",
        "user_id=1",
        "days=0",
        "days=0.5",
        "days=99999999999999999999",
        "cursor=%00",
        "nothing=1",
    ],
)
async def test_what_cannot_be_asked_is_refused(web: RunningWeb, query: str) -> None:
    async with web.signed_in() as client:
        assert (await client.get(f"{PATH}?{query}")).status_code == 400


async def test_a_stranger_sees_nothing(web: RunningWeb) -> None:
    async with web.client() as client:
        for path in (PATH, f"{PATH}/people"):
            assert (await client.get(path)).status_code == 401


async def test_a_play_is_noted_once_when_it_begins(web: RunningWeb, tmp_path: Path) -> None:
    make_film(tmp_path / "Alien (1979).mp4")
    async with web.signed_in() as client:
        (asked,) = (await library(client, tmp_path)).values()
        play = await opened(client, asked)
        for position_ms, is_playing in ((0, False), (100, True), (900, True)):
            await report(client, play, position_ms, is_playing=is_playing)
        begun, *_ = await kinds(client, "play.begun", "scan.finished", "library.added", *CLAIMED)
        assert (begun["subject"], begun["subject_id"]) == ("Alien", asked["item_id"])
        assert begun["user_name"] == ADMIN_NAME
