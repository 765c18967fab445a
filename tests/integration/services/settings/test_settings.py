"""Settings over HTTP: they are checked, kept with their history, hold at once and after a restart."""

import asyncio
from pathlib import Path
from typing import Any

import httpx
import pytest

from server.kernel.config import load
from server.kernel.db import Db
from server.kernel.events import emit
from server.kernel.realm import Secrets
from server.kernel.roles import Owner
from server.services.settings import store
from server.services.settings.model import SettingsChanged
from tests.helpers.web import ADMIN_NAME, RunningWeb, running_web

PATH = "/api/v1/settings"


async def section(client: httpx.AsyncClient, name: str) -> dict[str, Any]:
    items = (await client.get(PATH)).json()["items"]
    return next(one for one in items if one["name"] == name)


async def test_every_setting_comes_with_its_form(web: RunningWeb) -> None:
    async with web.signed_in() as client:
        items = (await client.get(PATH)).json()["items"]
        assert [one["name"] for one in items] == ["activity", "auth", "playback"]
        for one in items:
            assert one["values"].keys() == one["schema"]["properties"].keys()
            for key, field in one["schema"]["properties"].items():
                assert field["default"] == one["values"][key]
                assert field["minimum"] < field["maximum"]
                assert field["title"]
                assert field["description"]
                assert not field["description"].startswith(field["title"])
        german = await client.get(PATH, headers={"Accept-Language": "de"})
        assert german.json()["items"][2]["title"] == "Wiedergabe"


async def test_a_change_holds_at_once_and_after_a_restart(
    owner: Owner, owner_dsn: str, secrets: Secrets, data_dir: Path
) -> None:
    async with running_web(owner_dsn, secrets, data_dir) as web, web.signed_in() as client:
        answer = await client.patch(
            PATH, json={"section": "auth", "values": {"lockout_attempts": 3}}
        )
        assert answer.json()["values"]["lockout_attempts"] == 3
        assert answer.json()["chosen"] == ["lockout_attempts"]
        wrong = {"name": "nobody", "password": "x"}
        tries = [(await client.post("/api/v1/auth/login", json=wrong)).status_code for _ in "123"]
        assert tries == [401, 401, 429]
    await owner.execute("DELETE FROM shared.login_failures")
    async with running_web(owner_dsn, secrets, data_dir) as web, web.signed_in() as client:
        assert (await section(client, "auth"))["values"]["lockout_attempts"] == 3


async def test_what_another_process_chose_holds_when_its_event_comes(
    web: RunningWeb, db: Db
) -> None:
    async with web.signed_in() as client:
        async with db.transaction() as tx:
            await tx.execute(store.CHOOSE, "auth", "session_days", "12")
            await emit(tx, SettingsChanged(section="auth"))
        for _ in range(100):
            if (await section(client, "auth"))["values"]["session_days"] == 12:
                break
            await asyncio.sleep(0.1)
        assert (await section(client, "auth"))["chosen"] == ["session_days"]


async def test_a_change_is_noted_and_can_be_set_back(web: RunningWeb) -> None:
    async with web.signed_in() as client:
        for values in ({"session_days": 3}, {"session_idle_days": 7}):
            await client.patch(PATH, json={"section": "auth", "values": values})
        back = await client.patch(PATH, json={"section": "auth", "values": {"session_days": None}})
        assert (back.json()["values"]["session_days"], back.json()["chosen"]) == (30, [])
        first = (await client.get(f"{PATH}/changes?limit=2")).json()
        rest = (await client.get(f"{PATH}/changes?limit=2&cursor={first['next_cursor']}")).json()
        told = [
            (one["name"], one["value_from"], one["value_to"], one["is_reset"], one["changed_by"])
            for one in (*first["items"], *rest["items"])
        ]
        assert told == [
            ("session_days", 3, 30, True, ADMIN_NAME),
            ("session_idle_days", 7, 7, False, ADMIN_NAME),
            ("session_days", 30, 3, False, ADMIN_NAME),
        ]


@pytest.mark.parametrize(
    "values",
    [
        {"lockout_attempts": 0},
        {"lockout_attempts": 1001},
        {"lockout_attempts": "5"},
        {"lockout_attempts": True},
        {"lockout_attempts": 2.5},
        {"lockout_attempts": 2**70},
        {"lockout_attempts": [5]},
        {"nothing": 5},
        {"session_days": 5, "lockout_attempts": 0},
    ],
)
async def test_what_does_not_fit_changes_nothing(web: RunningWeb, values: object) -> None:
    async with web.signed_in() as client:
        before = await section(client, "auth")
        answer = await client.patch(PATH, json={"section": "auth", "values": values})
        assert answer.status_code == 400, answer.text
        assert answer.json()["errors"]
        assert await section(client, "auth") == before
        assert (await client.get(f"{PATH}/changes")).json()["items"] == []


async def test_what_the_environment_says_is_shown_and_cannot_be_changed(
    owner: Owner, owner_dsn: str, secrets: Secrets, data_dir: Path
) -> None:
    variable = "REVENGE_PLAYBACK_CACHE_GB"
    loaded = load({variable: "7"}, None, source="test")
    async with (
        running_web(owner_dsn, secrets, data_dir, loaded=loaded) as web,
        web.signed_in() as client,
    ):
        shown = await section(client, "playback")
        assert shown["values"]["cache_gb"] == 7
        assert shown["pinned"] == {"cache_gb": variable}
        answer = await client.patch(PATH, json={"section": "playback", "values": {"cache_gb": 9}})
        assert answer.status_code == 409
        assert answer.json()["code"] == "settings.pinned"
        assert variable in answer.json()["detail"]


async def test_what_the_file_begins_to_say_holds_at_once_and_is_free_again_when_it_stops(
    web: RunningWeb,
) -> None:
    async with web.signed_in() as client:
        edit = {"section": "playback", "values": {"cache_gb": 9}}
        assert (await client.patch(PATH, json=edit)).is_success
        web.configure(load({}, "playback:\n  cache_gb: 7\n", source="config.yaml"))
        shown = await section(client, "playback")
        assert shown["values"]["cache_gb"] == 7
        assert shown["pinned"] == {"cache_gb": "config.yaml:2"}
        assert (await client.patch(PATH, json=edit)).status_code == 409
        web.configure(load({}, "", source="config.yaml"))
        shown = await section(client, "playback")
        assert (shown["values"]["cache_gb"], shown["pinned"]) == (9, {})


async def test_there_is_no_other_section(web: RunningWeb) -> None:
    async with web.signed_in() as client:
        for name in ("", "nothing", "\0", "a" * 101):
            answer = await client.patch(PATH, json={"section": name, "values": {}})
            assert answer.status_code in {400, 404}, answer.text


async def test_a_stranger_sees_and_changes_nothing(web: RunningWeb) -> None:
    async with web.client() as client:
        assert (await client.get(PATH)).status_code == 401
        assert (await client.get(f"{PATH}/changes")).status_code == 401
        assert (await client.patch(PATH, json={"section": "auth", "values": {}})).status_code == 401
