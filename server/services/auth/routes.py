"""Signing in and out over HTTP."""

from msgspec.structs import replace

from server.kernel.http.api import PUBLIC, SIGNED_IN, Call, Cookie, route
from server.kernel.http.guard import SESSION_COOKIE
from server.services.auth.model import (
    Device,
    Locked,
    Login,
    NewSession,
    PasswordChange,
    SessionMode,
    SignedIn,
    WrongCredentials,
    WrongPassword,
)
from server.services.auth.service import Auth

_COOKIE_MAX_AGE_S = 400 * 86_400
"""As long as browsers keep one: when the session ends is for the server to say, which lets it slide."""


class AuthRoutes:
    """Sessions of the one who asks."""

    def __init__(self, auth: Auth) -> None:
        self._auth = auth

    @route("POST", "/auth/login", permission=PUBLIC, raises=(WrongCredentials, Locked))
    async def login(self, call: Call, body: Login) -> SignedIn:
        """Sign in.

        By default the session is kept in a cookie; with mode `token` the answer holds a Bearer token
        instead. Five wrong tries lock the name and the address for 15 minutes.
        """
        session = await self._auth.login(body, device_of(call, body.device_name))
        return handed_over(call, session, body.mode)

    @route("POST", "/auth/logout", permission=SIGNED_IN)
    async def logout(self, call: Call) -> None:
        """Sign out: the session ends everywhere it is used."""
        await self._auth.logout(call.viewer)
        call.cookies.append(_cookie("", 0))

    @route("GET", "/auth/session", permission=SIGNED_IN)
    async def session(self, call: Call) -> SignedIn:
        """Return who is signed in."""
        return await self._auth.session(call.session_token)

    @route("POST", "/auth/password", permission=SIGNED_IN, raises=(WrongPassword, Locked))
    async def change_password(self, call: Call, body: PasswordChange) -> None:
        """Change your password; your other sessions end."""
        await self._auth.change_password(call.viewer, body)


def device_of(call: Call, name: str = "") -> Device:
    """Return what a session notes about where it is used from."""
    return Device(name=name, client_address=call.client_address, user_agent=call.user_agent)


def handed_over(call: Call, session: NewSession, mode: SessionMode) -> SignedIn:
    """Return the answer to a sign-in; its token goes into it, or into a cookie out of reach of scripts."""
    if mode == "token":
        return replace(session.signed_in, token=session.token)
    call.cookies.append(_cookie(session.token, _COOKIE_MAX_AGE_S))
    return session.signed_in


def _cookie(value: str, max_age_s: int) -> Cookie:
    return Cookie(name=SESSION_COOKIE, value=value, max_age_s=max_age_s, is_http_only=True)
