from uuid import uuid4

import pytest

from server.kernel.errors import Denied, Unauthenticated
from server.kernel.http.api import PUBLIC, SIGNED_IN, Method, Permission, Rule
from server.kernel.http.guard import Credentials, CsrfTokenWrong, Guard, credentials, csrf_token_of
from server.kernel.viewer import Viewer

READ = Permission("thing:read", "See things")
VIEWER = Viewer(
    user_id=uuid4(),
    profile_id=uuid4(),
    profile_name="Ada",
    session_id=uuid4(),
    realm="public",
    permissions=frozenset({"thing:read"}),
    library_ids=(),
    max_level=100,
    language="en",
)


class OneSession:
    async def viewer(self, token: str) -> Viewer | None:
        return VIEWER if token == "good" else None


def rule(permission: Permission, method: Method = "GET") -> Rule:
    return Rule(
        method=method, path="/", permission=permission, status=200, raises=(), media_type=None
    )


def by_cookie(token: str | None, csrf_token: str = "") -> Credentials:
    return Credentials(token=token, is_cookie=True, csrf_token=csrf_token)


GUARD = Guard(OneSession())


async def test_a_public_route_asks_nobody() -> None:
    assert await GUARD.admit(rule(PUBLIC, "POST"), by_cookie(None)) is None


@pytest.mark.parametrize("token", [None, "", "bad"])
async def test_without_a_good_session_nothing_else_answers(token: str | None) -> None:
    with pytest.raises(Unauthenticated):
        await GUARD.admit(rule(SIGNED_IN), by_cookie(token))


async def test_a_right_that_is_missing_is_denied() -> None:
    assert await GUARD.admit(rule(READ), by_cookie("good")) is VIEWER
    with pytest.raises(Denied):
        await GUARD.admit(rule(Permission("thing:edit", "")), by_cookie("good"))


@pytest.mark.parametrize("csrf_token", ["", "x", csrf_token_of("other"), "\ud800"])
async def test_a_change_by_cookie_needs_the_token_of_the_page(csrf_token: str) -> None:
    with pytest.raises(CsrfTokenWrong):
        await GUARD.admit(rule(READ, "POST"), by_cookie("good", csrf_token))


async def test_the_token_of_the_page_belongs_to_the_session() -> None:
    shown = by_cookie("good", csrf_token_of("good"))
    assert await GUARD.admit(rule(READ, "DELETE"), shown) is VIEWER


@pytest.mark.parametrize(
    ("authorization", "cookie", "token", "is_cookie"),
    [
        ("Bearer abc", None, "abc", False),
        ("bearer  abc ", "c", "abc", False),
        ("Basic abc", "c", "c", True),
        ("Bearer", "c", "c", True),
        ("", None, None, True),
    ],
)
def test_the_header_goes_before_the_cookie(
    authorization: str, cookie: str | None, token: str | None, is_cookie: bool
) -> None:
    shown = credentials(authorization, cookie, "csrf")
    assert (shown.token, shown.is_cookie) == (token, is_cookie)
