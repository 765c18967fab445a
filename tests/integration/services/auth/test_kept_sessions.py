"""Sessions are kept near; one that ended is out at once, whoever ended it."""

from datetime import UTC, datetime

import httpx
import pytest

from server.kernel.cache import Cache
from server.kernel.db import Db
from server.kernel.passwords import Passwords
from server.kernel.settings import Live
from server.kernel.sql import SqlText
from server.services.auth.model import AuthSettings, Device, NewUser, PasswordChange
from server.services.auth.module import SESSIONS
from server.services.auth.service import SESSIONS_A_USER, Auth, Lockout, SessionRules
from tests.helpers.clock import FakeClock
from tests.helpers.until import until
from tests.helpers.web import ADMIN_NAME, RunningWeb

PASSWORD = "correct horse"
DEVICE = Device(name="test", client_address="192.0.2.1", user_agent="pytest")
ADA = NewUser(name="Ada", password=PASSWORD, role="administrator", language="en")


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(datetime(2026, 1, 1, tzinfo=UTC))


@pytest.fixture
def auth(db: Db, cache: Cache, clock: FakeClock) -> Auth:
    settings = Live(AuthSettings())
    rules = SessionRules(settings, {"administrator": frozenset(), "member": frozenset()})
    lockout = Lockout(db, clock, settings)
    return Auth(db, clock, Passwords(), lockout, rules, cache.room(SESSIONS))


async def test_a_request_asks_the_database_once(auth: Auth, statements: list[SqlText]) -> None:
    session = await auth.begin_session(await auth.create_first_administrator(ADA), DEVICE)
    first = await auth.viewer(session.token)
    statements.clear()
    assert [await auth.viewer(session.token) for _ in range(3)] == [first] * 3
    assert await auth.viewer("nobody") is None
    assert await auth.viewer("nobody") is None
    assert len(statements) == 1


async def test_a_session_that_ended_is_out_at_once(auth: Auth) -> None:
    user_id = await auth.create_first_administrator(ADA)
    one, other, oldest = [(await auth.begin_session(user_id, DEVICE)).token for _ in range(3)]
    viewer, second = await auth.viewer(one), await auth.viewer(other)
    assert viewer is not None
    assert second is not None
    change = PasswordChange(current_password=PASSWORD, new_password="another horse")
    await auth.change_password(viewer, change)
    assert await auth.viewer(other) is None
    assert await auth.viewer(oldest) is None
    assert await auth.viewer(one) is not None
    await auth.logout(viewer)
    assert await auth.viewer(one) is None


async def test_a_session_that_gives_way_to_a_new_one_is_out_at_once(
    auth: Auth, clock: FakeClock
) -> None:
    user_id = await auth.create_first_administrator(ADA)
    oldest = (await auth.begin_session(user_id, DEVICE)).token
    assert await auth.viewer(oldest) is not None
    clock.go(seconds=1)
    for _ in range(SESSIONS_A_USER):
        await auth.begin_session(user_id, DEVICE)
    assert await auth.viewer(oldest) is None


async def test_a_session_ends_by_the_clock_while_it_is_kept(auth: Auth, clock: FakeClock) -> None:
    session = await auth.begin_session(await auth.create_first_administrator(ADA), DEVICE)
    assert await auth.viewer(session.token) is not None
    clock.go(days=7)
    assert await auth.viewer(session.token) is None


async def is_signed_in(client: httpx.AsyncClient) -> bool:
    return (await client.get("/api/v1/libraries")).status_code == 200


async def test_a_sign_out_counts_with_the_next_request(web: RunningWeb) -> None:
    async with web.signed_in() as client:
        cookies = dict(client.cookies)
        assert await is_signed_in(client)
        assert (await client.post("/api/v1/auth/logout")).status_code == 204
        assert not [one for one in range(20) if await is_signed_in_with(web, cookies)]


async def is_signed_in_with(web: RunningWeb, cookies: dict[str, str]) -> bool:
    async with web.client() as client:
        client.cookies.update(cookies)
        return await is_signed_in(client)


async def test_a_reset_by_another_process_ends_what_the_server_keeps(
    web: RunningWeb, db: Db, clock: FakeClock, auth: Auth
) -> None:
    async with web.signed_in() as client:
        assert await is_signed_in(client)
        await auth.reset_password(ADMIN_NAME, "another horse")

        async def is_out() -> bool:
            return not await is_signed_in(client)

        await until(is_out)
