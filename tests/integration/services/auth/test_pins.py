import asyncio
import logging
from datetime import UTC, datetime
from uuid import UUID, uuid4

import httpx
import pytest

from server.kernel.cache import Cache
from server.kernel.db import Db
from server.kernel.ids import new_id
from server.kernel.passwords import Passwords
from server.kernel.roles import Owner
from server.kernel.settings import Live
from server.kernel.viewer import Viewer
from server.services.auth.model import (
    AuthSettings,
    Device,
    Locked,
    NewUser,
    PinChange,
    PinProof,
    ProfileNotFound,
    Role,
    WrongPin,
    WrongProof,
)
from server.services.auth.module import SESSIONS
from server.services.auth.pins import Pins
from server.services.auth.service import Auth, Lockout, SessionRules
from tests.helpers.clock import FakeClock
from tests.helpers.web import ADMIN_PASSWORD, RunningWeb

PASSWORD = "correct horse"
PIN, OTHER_PIN = "4711", "08150815"
DEVICE = Device(name="test", client_address="192.0.2.1", user_agent="pytest")
SETS = PinChange(pin=PIN, password=PASSWORD)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(datetime(2026, 1, 1, tzinfo=UTC))


@pytest.fixture
def lockout(db: Db, clock: FakeClock) -> Lockout:
    return Lockout(db, clock, Live(AuthSettings()))


@pytest.fixture
async def viewer(db: Db, cache: Cache, clock: FakeClock, lockout: Lockout) -> Viewer:
    grants: dict[Role, frozenset[str]] = {"administrator": frozenset(), "member": frozenset()}
    rules = SessionRules(Live(AuthSettings()), grants)
    auth = Auth(db, clock, Passwords(), lockout, rules, cache.room(SESSIONS))
    user = NewUser(name="Ada", password=PASSWORD, role="administrator", language="en")
    session = await auth.begin_session(await auth.create_first_administrator(user), DEVICE)
    found = await auth.viewer(session.token)
    assert found is not None
    return found


@pytest.fixture
def pins(db: Db, lockout: Lockout) -> Pins:
    return Pins(db, Passwords(), lockout)


async def has_pin(pins: Pins, viewer: Viewer) -> bool:
    (only,) = (await pins.profiles(viewer)).items
    assert only.profile_id == viewer.profile_id
    return only.has_pin


async def test_a_pin_is_set_verified_changed_and_removed(pins: Pins, viewer: Viewer) -> None:
    profile_id = viewer.profile_id
    assert not await has_pin(pins, viewer)
    await pins.change(viewer, profile_id, SETS)
    assert await has_pin(pins, viewer)
    await pins.verify(viewer, profile_id, PIN)
    await pins.change(viewer, profile_id, PinChange(pin=OTHER_PIN, current_pin=PIN))
    with pytest.raises(WrongPin):
        await pins.verify(viewer, profile_id, PIN)
    await pins.verify(viewer, profile_id, OTHER_PIN)
    await pins.remove(viewer, profile_id, PinProof(current_pin=OTHER_PIN))
    assert not await has_pin(pins, viewer)


@pytest.mark.parametrize(
    "proof",
    [
        {},
        {"password": "wrong"},
        {"current_pin": "0000"},
        {"password": "wrong", "current_pin": PIN},
        {"password": PIN},
    ],
)
async def test_an_open_session_alone_changes_no_pin(
    pins: Pins, viewer: Viewer, proof: dict[str, str]
) -> None:
    await pins.change(viewer, viewer.profile_id, SETS)
    with pytest.raises(WrongProof):
        await pins.change(viewer, viewer.profile_id, PinChange(pin=OTHER_PIN, **proof))
    with pytest.raises(WrongProof):
        await pins.remove(viewer, viewer.profile_id, PinProof(**proof))
    await pins.verify(viewer, viewer.profile_id, PIN)


async def test_the_first_pin_takes_the_password(pins: Pins, viewer: Viewer) -> None:
    for proof in ({}, {"current_pin": PIN}, {"password": "wrong"}):
        with pytest.raises(WrongProof):
            await pins.change(viewer, viewer.profile_id, PinChange(pin=PIN, **proof))
    assert not await has_pin(pins, viewer)


async def test_a_profile_without_a_pin_is_answered_like_a_wrong_one(
    pins: Pins, viewer: Viewer
) -> None:
    for _ in range(5):
        with pytest.raises(WrongPin):
            await pins.verify(viewer, viewer.profile_id, PIN)
    with pytest.raises(Locked):
        await pins.verify(viewer, viewer.profile_id, PIN)


async def test_five_wrong_tries_lock_whichever_door_they_came_by(
    pins: Pins, viewer: Viewer, clock: FakeClock
) -> None:
    profile_id = viewer.profile_id
    await pins.change(viewer, profile_id, SETS)
    verifies = [pins.verify(viewer, profile_id, f"000{n}") for n in range(4)]
    removes = [pins.remove(viewer, profile_id, PinProof(current_pin=f"111{n}")) for n in range(4)]
    failures = await asyncio.gather(*verifies, *removes, return_exceptions=True)
    assert sum(isinstance(one, Locked) for one in failures) == 3
    with pytest.raises(Locked):
        await pins.verify(viewer, profile_id, PIN)
    clock.go(minutes=16)
    await pins.verify(viewer, profile_id, PIN)


async def test_the_password_opens_a_locked_pin(pins: Pins, viewer: Viewer) -> None:
    await pins.change(viewer, viewer.profile_id, SETS)
    for _ in range(5):
        with pytest.raises(WrongPin):
            await pins.verify(viewer, viewer.profile_id, "0000")
    await pins.change(viewer, viewer.profile_id, SETS)
    await pins.verify(viewer, viewer.profile_id, PIN)


async def test_a_pin_locks_for_its_profile_alone(pins: Pins, viewer: Viewer, owner: Owner) -> None:
    child_id = await add_profile(owner, viewer.user_id)
    for one in (viewer.profile_id, child_id):
        await pins.change(viewer, one, SETS)
    for _ in range(5):
        with pytest.raises(WrongPin):
            await pins.verify(viewer, viewer.profile_id, "0000")
    await pins.verify(viewer, child_id, PIN)


async def test_profiles_of_others_are_not_there(pins: Pins, viewer: Viewer, owner: Owner) -> None:
    stranger_id = new_id()
    await owner.execute(
        "INSERT INTO shared.users VALUES ($1, 'Eve', 'eve', 'Eve', '', 'member', 'en', false, now(), now())",
        stranger_id,
    )
    for profile_id in (await add_profile(owner, stranger_id), uuid4()):
        with pytest.raises(ProfileNotFound):
            await pins.change(viewer, profile_id, SETS)
        with pytest.raises(ProfileNotFound):
            await pins.remove(viewer, profile_id, PinProof(password=PASSWORD))
        with pytest.raises(ProfileNotFound):
            await pins.verify(viewer, profile_id, PIN)
    assert len((await pins.profiles(viewer)).items) == 1


async def test_a_pin_is_nowhere_to_be_read(
    pins: Pins, viewer: Viewer, owner: Owner, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    await pins.change(viewer, viewer.profile_id, PinChange(pin=OTHER_PIN, password=PASSWORD))
    with pytest.raises(WrongPin):
        await pins.verify(viewer, viewer.profile_id, "19283746")
    assert OTHER_PIN not in caplog.text
    assert "19283746" not in caplog.text
    row = await owner.fetchval("SELECT profiles::text FROM shared.profiles")
    assert OTHER_PIN not in row
    assert "$argon2id$" in row


@pytest.mark.parametrize(
    "pin",
    [
        "",
        "123",
        "123456789",
        "1" * 100_000,
        "12a4",
        "1234\n",
        " 1234",
        "-123",
        "12.4",
        "\u0661\u0662\u0663\u0664",
        1234,
        None,
        ["1", "2", "3", "4"],
        {"$gt": ""},
        "0' OR '1'='1",
    ],
)
async def test_over_http_a_pin_is_four_to_eight_digits(web: RunningWeb, pin: object) -> None:
    async with web.signed_in() as client:
        url = await pin_url(client)
        answers = [
            await client.put(url, json={"pin": pin, "password": ADMIN_PASSWORD}),
            await client.post(f"{url}/verify", json={"pin": pin}),
            await client.request("DELETE", url, json={"current_pin": pin or 0}),
        ]
        assert [answer.status_code for answer in answers] == [400, 400, 400]


async def test_over_http_the_answers_are_these(web: RunningWeb) -> None:
    async with web.signed_in() as client:
        url = await pin_url(client)
        set_first = {"pin": PIN, "password": ADMIN_PASSWORD}
        assert (await client.put(url, json=set_first)).status_code == 204
        assert (await client.get("/api/v1/profiles")).json()["items"][0]["has_pin"] is True
        assert (await client.post(f"{url}/verify", json={"pin": PIN})).status_code == 204
        wrong = await client.post(f"{url}/verify", json={"pin": "0000"})
        assert (wrong.status_code, wrong.json()["code"]) == (400, "auth.wrong_pin")
        removed = await client.request("DELETE", url, json={"current_pin": PIN})
        assert removed.status_code == 204
        nobody = f"/api/v1/profiles/{uuid4()}/pin"
        assert (await client.put(nobody, json=set_first)).status_code == 404
        locked = [await client.post(f"{url}/verify", json={"pin": "0000"}) for _ in range(6)][-1]
        assert locked.status_code == 429
        assert int(locked.headers["retry-after"]) > 0


async def pin_url(client: httpx.AsyncClient) -> str:
    (only,) = (await client.get("/api/v1/profiles")).json()["items"]
    return f"/api/v1/profiles/{only['profile_id']}/pin"


async def add_profile(owner: Owner, user_id: UUID) -> UUID:
    profile_id = new_id()
    await owner.execute(
        "INSERT INTO shared.profiles (profile_id, user_id, name, is_default, max_level, created_at) "
        "VALUES ($1, $2, 'Child', false, 12, now())",
        profile_id,
        user_id,
    )
    return profile_id
