import asyncio
from datetime import UTC, datetime

import pytest

from server.kernel.cache import Cache
from server.kernel.db import Db
from server.kernel.errors import Unauthenticated
from server.kernel.passwords import Passwords
from server.kernel.roles import Owner
from server.kernel.settings import Live
from server.services.auth import store
from server.services.auth.model import (
    AdministratorExists,
    AuthSettings,
    Device,
    Locked,
    Login,
    NameTaken,
    NameUnusable,
    NewUser,
    PasswordChange,
    Role,
    UserNotFound,
    WrongCredentials,
    WrongPassword,
)
from server.services.auth.module import SESSIONS
from server.services.auth.service import Auth, Lockout, SessionRules, name_key
from tests.helpers.clock import FakeClock

PASSWORD = "correct horse"
DEVICE = Device(name="test", client_address="192.0.2.1", user_agent="pytest")
ADA = NewUser(name="Ada", password=PASSWORD, role="administrator", language="en")


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(datetime(2026, 1, 1, tzinfo=UTC))


@pytest.fixture
async def auth(db: Db, cache: Cache, clock: FakeClock) -> Auth:
    grants: dict[Role, frozenset[str]] = {
        "administrator": frozenset({"thing:edit"}),
        "member": frozenset(),
    }
    settings = Live(AuthSettings())
    rules = SessionRules(settings, grants)
    lockout = Lockout(db, clock, settings)
    return Auth(db, clock, Passwords(), lockout, rules, cache.room(SESSIONS))


def login(name: str = "Ada", password: str = PASSWORD) -> Login:
    return Login(name=name, password=password)


async def test_the_first_administrator_signs_in_and_is_known_by_the_token(auth: Auth) -> None:
    user_id = await auth.create_first_administrator(ADA)
    session = await auth.login(login("  aDA "), DEVICE)
    viewer = await auth.viewer(session.token)
    assert viewer is not None
    assert viewer.user_id == user_id
    assert viewer.may("thing:edit")
    assert session.signed_in.profile.name == "Ada"
    assert session.signed_in.token is None


async def test_only_one_of_many_at_once_becomes_the_administrator(auth: Auth) -> None:
    names = [NewUser(name=n, password=PASSWORD, role="administrator", language="en") for n in "abc"]
    made = await asyncio.gather(
        *(auth.create_first_administrator(one) for one in names), return_exceptions=True
    )
    assert sum(isinstance(one, AdministratorExists) for one in made) == 2


async def test_a_token_is_nowhere_in_the_database(auth: Auth, db: Db) -> None:
    await auth.create_first_administrator(ADA)
    session = await auth.login(login(), DEVICE)
    assert await db.one(store.SESSION, session.token.encode(), *[datetime.now(UTC)] * 2) is None


@pytest.mark.parametrize("token", ["", "x", "ä" * 10_000, "\ud800"])
async def test_any_other_token_is_nobody(auth: Auth, token: str) -> None:
    assert await auth.viewer(token) is None


@pytest.mark.parametrize(
    ("name", "password"),
    [
        ("Ada", "wrong"),
        ("Eve", PASSWORD),
        ("", PASSWORD),
        ("a\nb", "x"),
        ("".join(map(chr, range(0x4E00, 0x5200))), "x"),  # too much for an index of PostgreSQL
    ],
)
async def test_wrong_name_and_wrong_password_look_the_same(
    auth: Auth, name: str, password: str
) -> None:
    await auth.create_first_administrator(ADA)
    with pytest.raises(WrongCredentials):
        await auth.login(login(name, password), DEVICE)


async def test_five_wrong_tries_lock_even_at_once_and_time_unlocks(
    auth: Auth, clock: FakeClock
) -> None:
    await auth.create_first_administrator(ADA)
    tries = [auth.login(login(password="wrong"), DEVICE) for _ in range(8)]
    failures = await asyncio.gather(*tries, return_exceptions=True)
    assert sum(isinstance(one, WrongCredentials) for one in failures) == 5
    assert sum(isinstance(one, Locked) for one in failures) == 3
    with pytest.raises(Locked) as caught:
        await auth.login(login(), DEVICE)
    assert 0 < caught.value.retry_after_s <= 900
    clock.go(minutes=16)
    assert (await auth.login(login(), DEVICE)).token


async def test_a_locked_address_locks_nobody_else_out(auth: Auth, db: Db) -> None:
    await auth.create_first_administrator(ADA)
    for number in range(5):
        with pytest.raises(WrongCredentials):
            await auth.login(login(f"guess {number}"), DEVICE)
    for _ in range(5):
        with pytest.raises(Locked):
            await auth.login(login(password="wrong"), DEVICE)
    elsewhere = Device(name="test", client_address="192.0.2.2", user_agent="pytest")
    assert (await auth.login(login(), elsewhere)).token


async def test_a_right_password_clears_the_count(auth: Auth) -> None:
    await auth.create_first_administrator(ADA)
    for _ in range(3):
        for _ in range(4):
            with pytest.raises(WrongCredentials):
                await auth.login(login(password="wrong"), DEVICE)
        await auth.login(login(), DEVICE)


async def test_a_session_ends_when_it_is_not_used_and_slides_when_it_is(
    auth: Auth, clock: FakeClock
) -> None:
    await auth.create_first_administrator(ADA)
    token = (await auth.login(login(), DEVICE)).token
    for _ in range(8):
        clock.go(days=5)
        assert await auth.viewer(token) is not None
    clock.go(days=8)
    assert await auth.viewer(token) is None
    with pytest.raises(Unauthenticated):
        await auth.session(token)


async def test_a_session_is_good_while_nothing_can_be_written(
    auth: Auth, owner: Owner, clock: FakeClock
) -> None:
    await auth.create_first_administrator(ADA)
    token = (await auth.login(login(), DEVICE)).token
    clock.go(days=1)
    await owner.execute("""
        CREATE FUNCTION shared.full_disk() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE SQLSTATE '53100'; END $$;
        CREATE TRIGGER full_disk BEFORE UPDATE ON shared.sessions EXECUTE FUNCTION shared.full_disk();
    """)
    try:
        assert await auth.viewer(token) is not None
    finally:
        await owner.execute("DROP FUNCTION shared.full_disk CASCADE")


async def test_signing_out_ends_the_session(auth: Auth) -> None:
    await auth.create_first_administrator(ADA)
    token = (await auth.login(login(), DEVICE)).token
    viewer = await auth.viewer(token)
    assert viewer is not None
    await auth.logout(viewer)
    assert await auth.viewer(token) is None


async def test_the_eleventh_session_ends_the_one_used_longest_ago(
    auth: Auth, clock: FakeClock
) -> None:
    user_id = await auth.create_first_administrator(ADA)
    tokens = []
    for _ in range(11):
        tokens.append((await auth.begin_session(user_id, DEVICE)).token)
        clock.go(minutes=1)
    alive = [await auth.viewer(token) is not None for token in tokens]
    assert alive == [False] + [True] * 10


async def test_a_changed_password_ends_the_other_sessions(auth: Auth) -> None:
    await auth.create_first_administrator(ADA)
    here, there = [(await auth.login(login(), DEVICE)).token for _ in range(2)]
    viewer = await auth.viewer(here)
    assert viewer is not None
    with pytest.raises(WrongPassword):
        await auth.change_password(
            viewer, PasswordChange(current_password="wrong", new_password="new password")
        )
    await auth.change_password(
        viewer, PasswordChange(current_password=PASSWORD, new_password="new password")
    )
    assert await auth.viewer(here) is not None
    assert await auth.viewer(there) is None
    assert (await auth.login(login(password="new password"), DEVICE)).token


async def test_the_console_resets_a_forgotten_password(auth: Auth) -> None:
    await auth.create_first_administrator(ADA)
    token = (await auth.login(login(), DEVICE)).token
    await auth.reset_password("ada", "another password")
    assert await auth.viewer(token) is None
    assert (await auth.login(login(password="another password"), DEVICE)).token
    with pytest.raises(UserNotFound):
        await auth.reset_password("Eve", "another password")


async def test_a_reset_at_the_console_opens_what_wrong_tries_have_locked(auth: Auth) -> None:
    await auth.create_first_administrator(ADA)
    for _ in range(5):
        with pytest.raises(WrongCredentials):
            await auth.login(login(password="forgotten"), DEVICE)
    await auth.reset_password("Ada", "another password")
    assert (await auth.login(login(password="another password"), DEVICE)).token


async def test_a_name_is_taken_in_any_case_and_width(auth: Auth, db: Db) -> None:
    await auth.create_first_administrator(ADA)
    full_width = NewUser(name="\uff21\uff24\uff21", password=PASSWORD, role="member", language="en")
    async with db.transaction() as tx:
        with pytest.raises(NameTaken):
            await auth._create(tx, full_width, name_key(full_width.name), "hash")


@pytest.mark.parametrize("name", ["", "   ", "a\x00", "a\nb", "\ud800", "a" * 65])
def test_names_need_visible_characters_and_an_end(name: str) -> None:
    with pytest.raises(NameUnusable):
        name_key(name)


async def test_ended_sessions_are_forgotten(auth: Auth, db: Db, clock: FakeClock) -> None:
    await auth.create_first_administrator(ADA)
    await auth.login(login(), DEVICE)
    clock.go(days=31)
    await auth.forget_ended()
    assert await db.execute(store.DELETE_ENDED_SESSIONS, clock.now(), clock.now()) == 0
