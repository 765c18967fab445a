"""The first steps of a new server, over HTTP."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from server.kernel.http.guard import SESSION_COOKIE
from server.kernel.realm import Secrets
from server.kernel.roles import Owner
from tests.helpers.database_home import FixedHome
from tests.helpers.web import RunningWeb, running_web

SETUP = "/api/v1/setup"
CLAIM = f"{SETUP}/administrator"
FILE_OPTIONS = (
    "passfile",
    "service",
    "sslkey",
    "sslcert",
    "sslrootcert",
    "sslcrl",
    "krbsrvname",
    "gsslib",
    "pass%66ile",
    "user",
    "password",
    "options",
    "search_path",
)
ADA = {"name": "Ada", "password": "correct horse", "language": "de"}


def states(answer: dict[str, list[dict[str, str]]]) -> list[str]:
    return [step["state"] for step in answer["steps"]]


async def test_the_code_of_the_console_claims_the_server_once(web: RunningWeb) -> None:
    async with web.client() as client:
        assert states((await client.get(SETUP)).json()) == ["open"] * 4
        assert web.code is not None
        typed = web.code.lower().replace("-", " ")
        claimed = await client.post(CLAIM, json={**ADA, "code": typed})
        assert claimed.status_code == 201
        assert claimed.json()["user"]["role"] == "administrator"
        cookie = claimed.headers["set-cookie"]
        assert cookie.startswith(SESSION_COOKIE)
        assert "HttpOnly" in cookie
        assert "SameSite=Strict" in cookie
        assert (
            "Max-Age=34560000" in cookie
        )  # the session slides, so the cookie must outlive 30 days
        assert states((await client.get(SETUP)).json()) == ["done", "done", "done", "open"]
        again = await client.post(CLAIM, json={**ADA, "name": "Eve", "code": web.code})
        assert (again.status_code, again.json()["code"]) == (409, "setup.already_done")


async def test_guessing_the_code_is_locked_and_a_late_right_guess_too(web: RunningWeb) -> None:
    async with web.client() as client:
        for _ in range(5):
            answer = await client.post(CLAIM, json={**ADA, "code": "AAAA-AAAA"})
            assert (answer.status_code, answer.json()["code"]) == (403, "setup.code_wrong")
        locked = await client.post(CLAIM, json={**ADA, "code": web.code})
        assert (locked.status_code, locked.json()["code"]) == (429, "auth.locked")
        assert 0 < int(locked.headers["retry-after"]) <= 900


async def test_of_many_claims_at_once_one_wins(web: RunningWeb) -> None:
    async with web.client() as client:
        claims = [
            client.post(CLAIM, json={**ADA, "name": f"u{n}", "code": web.code}) for n in range(5)
        ]
        made = [answer.status_code for answer in await asyncio.gather(*claims)]
    assert sorted(made) == [201, 409, 409, 409, 409]


async def test_steps_before_the_administrator_are_left_as_they_are(web: RunningWeb) -> None:
    async with web.client() as client:
        given = {"code": "AAAA-AAAA", "step": "language"}
        assert (await client.post(f"{SETUP}/decided", json=given)).status_code == 403
        answer = await client.post(f"{SETUP}/decided", json={"code": web.code, "step": "language"})
        assert states(answer.json()) == ["done", "open", "open", "open"]
        answer = await client.post(f"{SETUP}/decided", json={"code": web.code, "step": "database"})
        assert states(answer.json()) == ["done", "done", "open", "open"]
        answer = await client.post(f"{SETUP}/decided", json={"code": web.code, "step": "library"})
        assert answer.status_code == 400
        claim = {**ADA, "code": web.code, "mode": "token", "device_name": "Revenge Desktop"}
        claimed = await client.post(CLAIM, json=claim)
        assert claimed.json()["token"]
        assert "set-cookie" not in claimed.headers
        late = {"code": web.code, "step": "language"}
        assert (await client.post(f"{SETUP}/decided", json=late)).status_code == 409


async def test_a_database_is_tried_and_what_it_says_is_told(
    web: RunningWeb, cluster_dsn: str
) -> None:
    tried = {
        cluster_dsn: (True, "setup.database_"),
        cluster_dsn.replace("//revenge:", "//revenge:x"): (False, "db.login_refused"),
        cluster_dsn.replace("/revenge?", "/no_such?"): (False, "db.login_refused"),
        "postgres://u:secret@127.0.0.1:1/x": (False, "setup.database_unreachable"),
        "mysql://u:secret@127.0.0.1/x": (False, "db.address_invalid"),
        "postgres://u:secret@[::1/x": (False, "db.address_invalid"),
        "not an address": (False, "db.address_invalid"),
        "postgres://u:secret@h/x\r\n": (False, "db.address_invalid"),
        "postgres://u:secret@h/x\a": (False, "db.address_invalid"),
        "postgres://u:secret@good@evil/x": (False, "db.address_invalid"),
        "postgres://u:secret@127.0.0.1:1/x?sslmode=odd": (False, "db.address_invalid"),
        "postgres://u@127.0.0.1:1/x": (False, "setup.database_incomplete"),
        "postgres://:secret@127.0.0.1:1/x": (False, "setup.database_incomplete"),
        "postgres://u:secret@127.0.0.1:1/": (False, "setup.database_incomplete"),
        "postgres:///x?host=/run/a,127.0.0.1": (False, "setup.database_incomplete"),
        "postgres://u:secret@/x": (False, "setup.database_incomplete"),
        **{
            f"postgres://u:secret@127.0.0.1:1/x?{option}=/etc/shadow": (
                False,
                "setup.database_options",
            )
            for option in FILE_OPTIONS
        },
        "p" * 2048: (False, "db.address_invalid"),
    }
    async with web.client() as client:
        for url, (is_usable, code) in tried.items():
            given = {"code": web.code, "url": url}
            answer = (await client.post(f"{SETUP}/database/test", json=given)).json()
            assert answer["is_usable"] is is_usable, answer
            assert answer["code"].startswith(code), answer
            assert "secret" not in answer["detail"]

        wrong = {"code": "AAAA-AAAA", "url": cluster_dsn}
        assert (await client.post(f"{SETUP}/database/test", json=wrong)).status_code == 403


async def test_a_database_is_moved_to_only_once_it_was_tried(
    owner: Owner, owner_dsn: str, secrets: Secrets, data_dir: Path, cluster_dsn: str
) -> None:
    del owner  # which empties the database
    home = FixedHome(kept_code="ABCD-EFGH")
    async with (
        running_web(owner_dsn, secrets, data_dir, home=home) as web,
        web.client() as client,
    ):
        assert web.code == "ABCD-EFGH"

        async def move(url: object, code: str = "abcdefgh") -> tuple[int, str, str]:
            given = {"code": code, "url": url}
            answer = await client.post(f"{SETUP}/database", json=given)
            said = answer.json()
            return answer.status_code, said.get("code", ""), said.get("detail", "")

        assert (await move(cluster_dsn, "AAAA-AAAA"))[:2] == (403, "setup.code_wrong")
        for url in (5, "", "x" * 2049):
            assert (await move(url))[0] == 400
        wrong = cluster_dsn.replace("//revenge:", "//revenge:hunter2")
        for url in (wrong, "postgres://u:hunter2@127.0.0.1:1/x", "file:///etc/passwd"):
            status, code, detail = await move(url)
            assert (status, code) == (400, "setup.database_unusable")
            assert "hunter2" not in detail
        assert home.moves == []
        assert (await move(cluster_dsn))[0] == 202
        assert (await client.get(SETUP)).json()["database"]["is_restarting"] is True
        assert home.moves == [(cluster_dsn, "ABCD-EFGH")]
        assert (await move(None))[:2] == (503, "setup.restarting")
        claimed = await client.post(CLAIM, json={**ADA, "code": web.code})
        assert (claimed.status_code, claimed.json()["code"]) == (503, "setup.restarting")


async def test_a_choice_that_cannot_be_kept_leaves_everything_as_it_is(
    owner: Owner, owner_dsn: str, secrets: Secrets, data_dir: Path
) -> None:
    del owner  # which empties the database
    home = FixedHome(problem=OSError(28, "No space left on device"))
    async with (
        running_web(owner_dsn, secrets, data_dir, home=home) as web,
        web.client() as client,
    ):
        answer = await client.post(f"{SETUP}/database", json={"code": web.code, "url": None})
        assert (answer.status_code, answer.json()["code"]) == (503, "setup.database_not_kept")
        assert "No space left" in answer.json()["detail"]
        assert (await client.get(SETUP)).json()["database"]["is_restarting"] is False
        assert (await client.post(CLAIM, json={**ADA, "code": web.code})).status_code == 201


async def test_a_database_that_is_too_old_is_told_its_version(web: RunningWeb) -> None:
    async with old_postgres() as port, web.client() as client:
        given = {"code": web.code, "url": f"postgres://u:p@127.0.0.1:{port}/x"}
        tested = (await client.post(f"{SETUP}/database/test", json=given)).json()
        assert (tested["is_usable"], tested["code"]) == (False, "migrate.postgres_too_old")
        assert "16.4" in tested["detail"]
        moved = await client.post(f"{SETUP}/database", json=given)
        assert (moved.status_code, moved.json()["code"]) == (400, "setup.database_unusable")


@asynccontextmanager
async def old_postgres() -> AsyncIterator[int]:
    """Run what greets as PostgreSQL 16 does, and says no more; yields its port."""

    def message(kind: bytes, content: bytes) -> bytes:
        return kind + (len(content) + 4).to_bytes(4) + content

    async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readexactly(8)
        writer.write(b"N")  # no encryption
        await reader.readexactly(int.from_bytes(await reader.readexactly(4)) - 4)
        writer.write(message(b"R", bytes(4)) + message(b"S", b"server_version\x0016.4\0"))
        writer.write(message(b"S", b"client_encoding\x00UTF8\0") + message(b"Z", b"I"))
        await reader.read()
        writer.close()

    async with await asyncio.start_server(greet, "127.0.0.1", 0) as server:
        yield server.sockets[0].getsockname()[1]


async def test_the_library_can_wait(web: RunningWeb) -> None:
    async with web.signed_in() as client:
        assert (await client.post(f"{SETUP}/library/skip")).status_code == 204
        setup = (await client.get(SETUP)).json()
    assert setup["is_complete"] is True
    assert states(setup) == ["done", "done", "done", "skipped"]


async def test_a_folder_ends_the_setup(web: RunningWeb, data_dir: Path, tmp_path: Path) -> None:
    async with web.signed_in() as client:
        wrong = await client.post(f"{SETUP}/library", json={"path": "/nothing/here"})
        assert (wrong.status_code, wrong.json()["code"]) == (400, "library.path_missing")
        added = await client.post(f"{SETUP}/library", json={"path": str(tmp_path), "name": "Films"})
        assert added.status_code == 201
        assert (await client.get(SETUP)).json()["is_complete"] is True


async def test_a_token_opens_what_a_cookie_opens_and_needs_no_page(web: RunningWeb) -> None:
    async with web.signed_in():
        pass
    async with web.client() as client:
        given = {"name": "Ada", "password": "correct horse battery", "mode": "token"}
        answer = await client.post("/api/v1/auth/login", json=given)
        assert "set-cookie" not in answer.headers
        client.headers["authorization"] = f"Bearer {answer.json()['token']}"
        assert (await client.get("/api/v1/auth/session")).json()["token"] is None
        assert (await client.post("/api/v1/auth/logout")).status_code == 204
        assert (await client.get("/api/v1/auth/session")).status_code == 401
