"""Signing in and out, and the PINs of profiles, over HTTP."""

from uuid import UUID

from msgspec.structs import replace

from server.kernel.http.api import PUBLIC, SIGNED_IN, Call, Cookie, route
from server.kernel.http.guard import SESSION_COOKIE
from server.services.auth.model import (
    Device,
    Locked,
    Login,
    NewSession,
    OwnProfiles,
    PasswordChange,
    PinChange,
    PinProof,
    PinTry,
    ProfileNotFound,
    SessionMode,
    SignedIn,
    WrongCredentials,
    WrongPassword,
    WrongPin,
    WrongProof,
)
from server.services.auth.pins import Pins
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
        instead. Some wrong tries, five by default, lock the name and the address for a while.
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


class ProfileRoutes:
    """Profiles of the one who asks, and their PINs."""

    def __init__(self, pins: Pins) -> None:
        self._pins = pins

    @route("GET", "/profiles", permission=SIGNED_IN)
    async def profiles(self, call: Call) -> OwnProfiles:
        """Return your profiles."""
        return await self._pins.profiles(call.viewer)

    @route(
        "PUT",
        "/profiles/{profile_id}/pin",
        permission=SIGNED_IN,
        raises=(ProfileNotFound, WrongProof, Locked),
    )
    async def change_pin(self, call: Call, profile_id: UUID, body: PinChange) -> None:
        """Give one of your profiles a PIN, with your password or its present PIN."""
        await self._pins.change(call.viewer, profile_id, body)

    @route(
        "DELETE",
        "/profiles/{profile_id}/pin",
        permission=SIGNED_IN,
        raises=(ProfileNotFound, WrongProof, Locked),
    )
    async def remove_pin(self, call: Call, profile_id: UUID, body: PinProof) -> None:
        """Remove the PIN of one of your profiles, with your password or the PIN itself."""
        await self._pins.remove(call.viewer, profile_id, body)

    @route(
        "POST",
        "/profiles/{profile_id}/pin/verify",
        permission=SIGNED_IN,
        raises=(ProfileNotFound, WrongPin, Locked),
    )
    async def verify_pin(self, call: Call, profile_id: UUID, body: PinTry) -> None:
        """Tell whether this is the PIN of one of your profiles.

        Five wrong tries lock the PIN for 15 minutes; a profile without one is answered like a wrong PIN.
        """
        await self._pins.verify(call.viewer, profile_id, body.pin)


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
