"""The server's own machinery over HTTP."""

import asyncio
import json
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from app.supervisor.program import ProgramState
from server.kernel.realm import Secrets
from server.kernel.roles import Owner
from server.kernel.search import SearchAddress
from server.kernel.secret import Secret, SecretUrl
from tests.helpers.web import RunningWeb, running_web
from tests.integration.kernel.test_search_server import answering, first, reply

SYSTEM = "/api/v1/system"


async def read(client: httpx.AsyncClient, language: str = "en") -> dict[str, Any]:
    answer = await client.get(SYSTEM, headers={"accept-language": language})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def by_name(system: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {one["name"]: one for one in system["programs"]}


async def test_every_program_is_there_with_what_it_takes(web: RunningWeb) -> None:
    async with web.signed_in() as client:
        found = await read(client)
    programs = by_name(found)
    states = {name: one["state"] for name, one in programs.items()}
    assert states | {"page_workers": ""} == {  # it may have been asked for the versions
        "server": "running",
        "database": "external",
        "cache": "unused",
        "search": "unused",
        "background_workers": "idle",
        "page_workers": "",
        "stream_workers": "idle",
    }
    assert programs["server"]["usage"]["memory_bytes"] > 10**7
    assert programs["database"]["usage"] is None
    assert programs["database"]["version"].startswith("18")
    versions = found["versions"]
    assert all(versions.values()), versions
    assert versions["libvips"].count(".") == 2
    assert found["disks"][0]["places"][0]["library"] is None


async def test_libraries_stand_on_their_disks(web: RunningWeb, tmp_path: Path) -> None:
    odd = tmp_path / "Fi\nlms \N{GRINNING FACE}"
    odd.mkdir()
    async with web.signed_in() as client:
        given = {"name": "<b>Films</b>", "kind": "movie", "paths": [str(odd)]}
        assert (await client.post("/api/v1/libraries", json=given)).status_code == 201
        places = [place for disk in (await read(client))["disks"] for place in disk["places"]]
    assert {"library": "<b>Films</b>", "path": str(odd)} in places


async def test_it_is_gathered_once_for_all_who_ask(web: RunningWeb) -> None:
    async with web.signed_in() as client:
        answers = await asyncio.gather(*(read(client) for _ in range(20)))
    assert len({answer["at"] for answer in answers}) == 1


async def test_only_administrators_may_see_it(web: RunningWeb, owner: Owner) -> None:
    async with web.client() as stranger:
        assert (await stranger.get(SYSTEM)).status_code == 401
    async with web.signed_in():
        await owner.execute("UPDATE shared.users SET role = 'member'")
    async with web.signed_in() as member:
        answer = await member.get(SYSTEM)
        assert (answer.status_code, answer.json()["code"]) == (403, "denied")


async def test_an_odd_question_changes_nothing(web: RunningWeb) -> None:
    async with web.signed_in() as client:
        for query in ("?at=1", "?" + "x" * 4000, "?language=../../etc"):
            answer = await client.get(SYSTEM + query)
            assert answer.status_code in {200, 400}, answer.text
        assert (await client.post(SYSTEM, json={})).status_code == 405
        found = await read(client, "xx, */*;q=odd")
        assert found["programs"]


async def test_nothing_tells_of_another_realm(web: RunningWeb, owner: Owner) -> None:
    async with web.signed_in() as client:
        before = await read(client)
        await owner.execute(
            "INSERT INTO qar.libraries (library_id, name, kind, changed_at)"
            " VALUES (gen_random_uuid(), 'Sealed', 'movie', now())"
        )
        await asyncio.sleep(2.1)  # what was gathered is kept for two seconds
        after = await read(client)
        await owner.execute("DELETE FROM qar.libraries")
    assert after["at"] != before["at"]
    assert after["disks"][0]["places"] == before["disks"][0]["places"]
    assert "qar" not in json.dumps(after).lower()


@pytest.mark.parametrize("version", ["30.2", None])
async def test_a_search_server_elsewhere_is_shown_with_the_version_that_it_says(
    owner_dsn: str, secrets: Secrets, data_dir: Path, owner: Owner, version: str | None
) -> None:
    del owner  # which empties the database
    said = msgspec.json.encode({"ok": True, "version": version} if version else {"ok": True})
    async with answering(first(reply(200, said))) as (url, _):
        address = SearchAddress(url=SecretUrl(url), key=Secret("k"))
        async with (
            running_web(owner_dsn, secrets, data_dir, search=address) as web,
            web.signed_in() as client,
        ):
            search = by_name(await read(client))["search"]
    assert (search["state"], search["version"]) == ("external", version)


async def test_the_page_does_not_wait_for_a_search_server_that_hangs(
    owner_dsn: str,
    secrets: Secrets,
    data_dir: Path,
    owner: Owner,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    del owner  # which empties the database
    monkeypatch.setattr("server.kernel.search._ANSWER_S", 60.0)  # longer than the client waits

    async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    async with await asyncio.start_server(hang, "127.0.0.1", 0) as silent:
        port = silent.sockets[0].getsockname()[1]
        address = SearchAddress(url=SecretUrl(f"http://127.0.0.1:{port}"), key=Secret("k"))
        async with (
            running_web(owner_dsn, secrets, data_dir, search=address) as web,
            web.signed_in() as client,
        ):
            search = by_name(await read(client))["search"]
    assert (search["state"], search["version"]) == ("external", None)


async def test_a_program_of_ours_that_died_says_why_in_the_language_of_the_reader(
    owner_dsn: str, secrets: Secrets, data_dir: Path, owner: Owner
) -> None:
    del owner  # which empties the database
    dead = ProgramState(
        product="PostgreSQL",
        state="restarting",
        restart_count=3,
        cause="database.disk_full",
        reason="The disk is full.",
    )
    new = ProgramState(product="New", state="restarting", cause="cache.new", reason="It is new.")
    async with (
        running_web(
            owner_dsn, secrets, data_dir, programs=lambda: {"database": dead, "cache": new}
        ) as web,
        web.signed_in() as client,
    ):
        english, german = by_name(await read(client)), by_name(await read(client, "de"))
    assert english["database"]["reason"].startswith("The disk of the database is full.")
    assert german["database"]["reason"].startswith("Die Platte der Datenbank ist voll.")
    assert german["database"]["restart_count"] == 3
    assert german["cache"]["reason"] == "It is new.", "what has no text yet says it in English"
