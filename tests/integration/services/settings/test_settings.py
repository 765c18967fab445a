"""Settings over HTTP: they are checked, kept with their history, hold at once and after a restart."""

import asyncio
from pathlib import Path
from typing import Annotated, Any, Literal
from uuid import UUID

import httpx
import pytest
from msgspec import Meta, Struct

from server.kernel.clock import SystemClock
from server.kernel.config import Config, load
from server.kernel.db import Db
from server.kernel.errors import Invalid
from server.kernel.events import emit
from server.kernel.messages import Messages
from server.kernel.realm import Secrets
from server.kernel.roles import Owner
from server.kernel.settings import Live, Settings, Value
from server.kernel.viewer import Viewer
from server.main import settings_sections
from server.services.settings import store
from server.services.settings.model import ChangesQuery, SettingsChanged, SettingsEdit
from server.services.settings.service import SettingsService
from tests.helpers.web import ADMIN_NAME, RunningWeb, running_web

PATH = "/api/v1/settings"


class Sails(Struct, frozen=True, kw_only=True):
    """A setting of each kind."""

    count: Annotated[int, Meta(ge=1, le=9)] = 3
    are_red: bool = False
    motto: Annotated[str, Meta(max_length=9, pattern="^[A-Z]")] = "Ahoy"
    cut: Literal["square", "lateen"] = "lateen"


TEXTS = {
    "settings.sails": "Sails.",
    "settings.sails.are_red": "Red sails. Seen from afar.",
    "settings.sails.count": "How many sails.",
    "settings.sails.cut": "Cut.",
    "settings.sails.cut.lateen": "Three corners.",
    "settings.sails.cut.square": "Four corners.",
    "settings.sails.motto": "Motto.",
}
MESSAGES = Messages({"en": TEXTS, "de": TEXTS | {"settings.sails.cut.square": "Vier Ecken."}})
VIEWER = Viewer(
    user_id=UUID(int=1),
    profile_id=UUID(int=1),
    profile_name=ADMIN_NAME,
    session_id=UUID(int=3),
    realm="public",
    permissions=frozenset(),
    library_ids=(),
    max_level=0,
    language="en",
)


def of_sails(db: Db) -> tuple[SettingsService, Live[Sails]]:
    """Return a service that knows the sails only, and their values."""
    settings = Settings(Config(), {})
    live = settings.declare("sails", Sails)
    return SettingsService(db, SystemClock(), settings, MESSAGES), live


async def section(client: httpx.AsyncClient, name: str) -> dict[str, Any]:
    items = (await client.get(PATH)).json()["items"]
    return next(one for one in items if one["name"] == name)


async def test_every_setting_comes_with_its_form(web: RunningWeb) -> None:
    async with web.signed_in() as client:
        items = (await client.get(PATH)).json()["items"]
        assert [one["name"] for one in items] == list(settings_sections())
        for one in items:
            assert one["values"].keys() == one["schema"]["properties"].keys()
            for key, field in one["schema"]["properties"].items():
                assert field["default"] == one["values"][key]
                assert field["title"]
                assert field["description"]
                assert not field["description"].startswith(field["title"])
        client.headers["Accept-Language"] = "de"
        assert (await section(client, "playback"))["title"] == "Wiedergabe"


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
        {"lockout_attempts": {"lockout_attempts": 5}},
        {"lockout_attempts": "5" * 900_000},
        {"lockout_attempts": "a\0b"},
        {"nothing": 5},
        {"session_days": 5, "lockout_attempts": 0},
    ],
)
async def test_what_does_not_fit_changes_nothing(
    web: RunningWeb, values: dict[str, object]
) -> None:
    async with web.signed_in() as client:
        before = await section(client, "auth")
        answer = await client.patch(PATH, json={"section": "auth", "values": values})
        assert answer.status_code == 400, answer.text
        (error,) = answer.json()["errors"]
        assert error["path"] == f"$.values.{list(values)[-1]}"
        assert error["detail"]
        assert await section(client, "auth") == before
        assert (await client.get(f"{PATH}/changes")).json()["items"] == []


@pytest.mark.parametrize(
    "name",
    [5, True, ["Home"], "a" * 61, "a" * 900_000, "a\0b", "a\nb", "a\x1b[2Jb", "a\u2029b", "a\x85b"],
)
async def test_a_text_that_does_not_fit_changes_nothing(web: RunningWeb, name: object) -> None:
    async with web.signed_in() as client:
        edit = {"section": "server", "values": {"name": name}}
        answer = await client.patch(PATH, json=edit)
        assert answer.status_code == 400, answer.text
        assert [error["path"] for error in answer.json()["errors"]] == ["$.values.name"]
        assert (await section(client, "server"))["values"]["name"] == ""


@pytest.mark.parametrize("name", ["Home", "  Home\n", "\N{FAMILY}" * 60, "\\u0041", "<b>'\""])
async def test_everybody_reads_the_name_of_the_server_and_nothing_else(
    web: RunningWeb, name: str
) -> None:
    async with web.signed_in() as client, web.client() as stranger:
        edit = {"section": "server", "values": {"name": name}}
        answer = await client.patch(PATH, json=edit)
        assert answer.json()["values"]["name"] == name.strip()
        other = {"section": "auth", "values": {"session_days": 3}}
        assert (await client.patch(PATH, json=other)).is_success
        told = await stranger.get(f"{PATH}/public")
        assert told.json()["sections"]["server"]["name"] == name.strip()
        assert "auth" not in told.json()["sections"]
        assert (await client.get(f"{PATH}/public")).json() == told.json()
        back = {"section": "server", "values": {"name": None}}
        assert (await client.patch(PATH, json=back)).is_success
        told = await stranger.get(f"{PATH}/public")
        assert told.json()["sections"]["server"]["name"] == ""
        changed = (await client.get(f"{PATH}/changes")).json()["items"]
        assert [(one["value_from"], one["value_to"]) for one in changed] == [
            (name.strip(), ""),
            (30, 3),
            ("", name.strip()),
        ]


async def test_every_kind_of_setting_is_kept_with_its_history(db: Db) -> None:
    service, live = of_sails(db)
    wanted = {"count": 4, "are_red": True, "motto": " Land ho ", "cut": "square"}
    for values in (wanted, {"are_red": False, "cut": None}):
        await service.change(VIEWER, "en", SettingsEdit(section="sails", values=values))
    again, kept = of_sails(db)
    await again.load()
    assert live.now == kept.now == Sails(count=4, are_red=False, motto="Land ho", cut="lateen")
    told = (await service.changes("en", ChangesQuery())).items
    assert {(one.name, one.value_from, one.value_to, one.is_reset) for one in told} == {
        ("count", 3, 4, False),
        ("are_red", False, True, False),
        ("motto", "Ahoy", "Land ho", False),
        ("cut", "lateen", "square", False),
        ("are_red", True, False, False),
        ("cut", "square", "lateen", True),
    }


@pytest.mark.parametrize(
    "values",
    [{"are_red": 1}, {"are_red": "true"}, {"cut": "round"}, {"cut": ""}, {"motto": "ahoy"}],
)
async def test_each_kind_says_which_value_does_not_fit(db: Db, values: dict[str, Value]) -> None:
    service, live = of_sails(db)
    with pytest.raises(Invalid) as caught:
        await service.change(VIEWER, "en", SettingsEdit(section="sails", values=values))
    assert [error.path for error in caught.value.errors] == [f"$.values.{name}" for name in values]
    assert live.now == Sails()


async def test_every_kind_of_setting_has_its_schema_in_the_language_of_the_reader(db: Db) -> None:
    service, _ = of_sails(db)
    (shown,) = service.all("de").items
    assert shown.schema["properties"] == {
        "count": {
            "type": "integer",
            "minimum": 1,
            "maximum": 9,
            "title": "How many sails",
            "description": "",
            "default": 3,
        },
        "are_red": {
            "type": "boolean",
            "title": "Red sails",
            "description": "Seen from afar.",
            "default": False,
        },
        "motto": {
            "type": "string",
            "maxLength": 9,
            "pattern": "^[A-Z]",
            "title": "Motto",
            "description": "",
            "default": "Ahoy",
        },
        "cut": {
            "type": "string",
            "oneOf": [
                {"const": "square", "title": "Vier Ecken"},
                {"const": "lateen", "title": "Three corners"},
            ],
            "title": "Cut",
            "description": "",
            "default": "lateen",
        },
    }


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
