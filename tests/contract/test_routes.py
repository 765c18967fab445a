"""What every route owes its callers: words, a permission, the one error shape, its place in the document."""

import inspect
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from server.kernel.http.api import PUBLIC, SIGNED_IN, Route
from server.kernel.http.guard import CSRF_HEADER, SESSION_COOKIE
from server.kernel.http.problem import MEDIA_TYPE, APIError
from server.main import API_PREFIX, described, grants, settings_sections
from tests.helpers.web import RunningWeb

OPENAPI = Path(__file__).parents[2] / "docs" / "openapi.json"
DOCUMENT, ROUTES = described()
NO_ID = "01890a5d-ac96-774b-bcce-b302099a8057"
NO_JOB = str(2**63 - 1)


def name(made: Route) -> str:
    return f"{made.rule.method} {made.rule.path}"


def url(made: Route, value: str = NO_ID) -> str:
    path = made.rule.path
    while "{" in path:
        head, _, rest = path.partition("{")
        path = head + value + rest.partition("}")[2]
    return API_PREFIX + path


def assert_problem(answer: httpx.Response, *statuses: int) -> APIError:
    assert answer.status_code in statuses, (
        f"{answer.request.url} {answer.status_code} {answer.text[:200]}"
    )
    assert answer.headers["content-type"] == MEDIA_TYPE
    problem = msgspec.json.decode(answer.content, type=APIError)
    assert problem.status == answer.status_code
    assert problem.title
    assert problem.detail
    assert problem.instance.endswith(answer.headers["x-request-id"])
    return problem


def test_the_committed_document_is_the_one_that_is_served() -> None:
    assert msgspec.json.decode(OPENAPI.read_bytes()) == msgspec.json.decode(
        msgspec.json.encode(DOCUMENT)
    ), "run: python3 dev.py gen"


@pytest.mark.parametrize("made", ROUTES, ids=name)
def test_a_route_has_words_for_strangers(made: Route) -> None:
    summary = (inspect.getdoc(made.handler) or "").partition("\n")[0]
    assert summary.endswith((".", ";"))
    assert len(summary) <= 100


def test_only_these_routes_answer_strangers() -> None:
    public = {name(made) for made in ROUTES if made.rule.permission is PUBLIC}
    assert public == {
        "GET /openapi.json",
        "GET /settings/public",
        "GET /setup",
        "GET /stream/{ticket}/file/{name}",
        "GET /stream/{ticket}/master.m3u8",
        "GET /stream/{ticket}/{track}/index.m3u8",
        "GET /stream/{ticket}/{track}/{name}",
        "POST /auth/login",
        "POST /setup/administrator",
        "POST /setup/database",
        "POST /setup/database/test",
        "POST /setup/decided",
    }


def test_only_these_settings_are_told_to_strangers() -> None:
    sections = settings_sections().items()
    public = {name: set(section.public) for name, section in sections if section.public}
    assert public == {"server": {"name"}}


def test_every_permission_is_one_that_a_role_can_give() -> None:
    known = grants()["administrator"]
    asked = {made.rule.permission for made in ROUTES} - {PUBLIC, SIGNED_IN}
    assert {permission.name for permission in asked} <= known


async def test_without_a_session_every_other_route_is_closed(web: RunningWeb) -> None:
    async with web.client() as client:
        for made in ROUTES:
            if made.rule.permission is PUBLIC:
                continue
            answer = await client.request(made.rule.method, url(made))
            assert_problem(answer, 401)
            forged = {"cookie": f"{SESSION_COOKIE}={'A' * 43}"}
            assert_problem(await client.request(made.rule.method, url(made), headers=forged), 401)


BODIES: list[tuple[bytes, str, tuple[int, ...]]] = [
    (b"", "application/json", (400,)),
    (b"{", "application/json", (400,)),
    (b"[]", "application/json", (400,)),
    (b"null", "application/json", (400,)),
    (b'{"nothing": "known"}', "application/json", (400,)),
    (b"{}", "text/plain", (415,)),
    (b"\xff\xfe", "application/json", (400,)),
    (b'{"a": ' + b"1" * 10_000_000 + b"}", "application/json", (413,)),
]


async def test_every_body_is_refused_in_one_shape(web: RunningWeb) -> None:
    async with web.signed_in() as client:
        for made in (one for one in ROUTES if _takes_body(one)):
            for content, content_type, statuses in BODIES:
                headers = {"content-type": content_type}
                answer = await client.request(
                    made.rule.method, url(made), content=content, headers=headers
                )
                assert_problem(answer, *statuses)


async def test_a_body_of_unknown_length_is_cut_off(web: RunningWeb) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(40):
            yield b" " * 262_144

    async with web.client() as client:
        headers = {"content-type": "application/json"}
        answer = await client.post("/api/v1/auth/login", content=endless(), headers=headers)
    assert_problem(answer, 413)


@pytest.mark.parametrize("value", ["1", "..%2f..%2fetc%2fpasswd", "%00", "ä" * 3000])
async def test_a_path_value_of_the_wrong_type_is_refused(web: RunningWeb, value: str) -> None:
    async with web.signed_in() as client:
        for made in (one for one in ROUTES if "{" in one.rule.path):
            answer = await client.request(made.rule.method, url(made, value))
            assert_problem(answer, 400, 404)


async def test_unknown_ids_unknown_paths_and_wrong_methods_have_the_shape_too(
    web: RunningWeb,
) -> None:
    async with web.signed_in() as client:
        for made in (one for one in ROUTES if "{" in one.rule.path and not _takes_body(one)):
            value = NO_JOB if "{job_id}" in made.rule.path else NO_ID
            assert_problem(await client.request(made.rule.method, url(made, value)), 404)
        assert_problem(await client.get("/api/v1/nothing/here"), 404)
        wrong = await client.request("PATCH", "/api/v1/auth/login")
        assert_problem(wrong, 405)
        assert "POST" in wrong.headers["allow"]


@pytest.mark.parametrize("host", ["evil.example.com", "", "a..b"])
async def test_a_host_that_is_not_ours_is_refused(web: RunningWeb, host: str) -> None:
    async with web.client() as client:
        for path in ("/", "/api/v1/setup", "/health/ready"):
            assert_problem(await client.get(path, headers={"host": host}), 421)


async def test_a_cookie_alone_changes_nothing(web: RunningWeb) -> None:
    async with web.signed_in() as client:
        del client.headers[CSRF_HEADER]
        problem = assert_problem(await client.post("/api/v1/auth/logout"), 403)
        assert problem.code == "http.csrf_token_wrong"
        assert (await client.get("/api/v1/auth/session")).status_code == 200


async def test_errors_speak_the_language_of_the_client(web: RunningWeb) -> None:
    async with web.client() as client:
        english = await client.get(
            "/api/v1/auth/session", headers={"accept-language": "fr, en;q=0.5"}
        )
        german = await client.get("/api/v1/auth/session", headers={"accept-language": "de-AT"})
    assert english.json()["code"] == german.json()["code"]
    assert english.json()["detail"] != german.json()["detail"]


def _takes_body(made: Route) -> bool:
    return "body" in inspect.signature(made.handler).parameters


def test_the_document_names_every_route() -> None:
    paths: dict[str, Any] = DOCUMENT["paths"]
    named = {(path, method.upper()) for path, methods in paths.items() for method in methods}
    assert {(API_PREFIX + made.rule.path, made.rule.method) for made in ROUTES} <= named
