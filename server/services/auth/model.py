"""What signing in takes and gives, and what can go wrong with it."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from server.kernel.clock import Instant
from server.kernel.errors import Conflict, Invalid, NotFound, TriesSpent, Unauthenticated
from server.kernel.events import Event
from server.kernel.viewer import Viewer

Role = Literal["administrator", "member"]
Language = Literal["en", "de"]
SessionMode = Literal["cookie", "token"]
USER_NAME_MAX = 64
UserName = Annotated[
    str, Meta(min_length=1, max_length=USER_NAME_MAX, description="Name to sign in with")
]
GivenPassword = Annotated[str, Meta(min_length=1, max_length=1024)]
NewPassword = Annotated[
    str, Meta(min_length=8, max_length=1024, description="At least 8 characters, any characters")
]

Pin = Annotated[
    str,
    Meta(
        # not `$`, before which Python allows the end of a line
        pattern=r"^[0-9]{4,8}(?![\s\S])",
        description="4 to 8 digits",
        examples=["4711"],
    ),
]


class AuthSettings(Struct, frozen=True, kw_only=True):
    """What administrators decide about signing in."""

    session_days: Annotated[int, Meta(ge=1, le=3650)] = 30
    session_idle_days: Annotated[int, Meta(ge=1, le=3650)] = 7
    lockout_attempts: Annotated[int, Meta(ge=1, le=1000)] = 5
    lockout_minutes: Annotated[int, Meta(ge=1, le=10_080)] = 15


class SessionsEnded(Event, frozen=True, kw_only=True, tag="sessions.ended"):
    """All sessions of a user are over, or one: nobody hears of it, but live connections end."""

    user_id: UUID
    session_id: UUID | None = None
    kept_session_id: UUID | None = None

    def ends(self, viewer: Viewer) -> bool:
        """Return whether the viewer's session is among them."""
        if viewer.user_id != self.user_id or viewer.session_id == self.kept_session_id:
            return False
        return self.session_id in {None, viewer.session_id}


class WrongCredentials(Unauthenticated):
    """Name or password is wrong; which of them is not said."""

    code = "auth.wrong_credentials"


class WrongPassword(Invalid):
    """The present password, asked for before a change, is wrong."""

    code = "auth.wrong_password"


class Locked(TriesSpent):
    """Too many wrong tries for this name or from this address."""

    code = "auth.locked"


class NameTaken(Conflict):
    """Another account has this name; case and width of letters do not count."""

    code = "auth.name_taken"


class NameUnusable(Invalid):
    """The name is empty, too long or holds control characters."""

    code = "auth.name_unusable"


class UserNotFound(NotFound):
    """No account has this name."""

    code = "auth.user_not_found"


class ProfileNotFound(NotFound):
    """The account has no such profile."""

    code = "auth.profile_not_found"


class WrongPin(Invalid):
    """The PIN is not that of the profile; whether it has one is not said."""

    code = "auth.wrong_pin"


class WrongProof(Invalid):
    """Neither the account's password nor the present PIN was given; nothing more is said."""

    code = "auth.wrong_proof"


class AdministratorExists(Conflict):
    """The first administrator can be made only once."""

    code = "setup.already_done"


class Login(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A request to sign in; mode `cookie` is for browsers, `token` for other programs."""

    name: Annotated[str, Meta(max_length=1024)]
    password: Annotated[str, Meta(max_length=1024)]
    mode: SessionMode = "cookie"
    device_name: Annotated[str, Meta(max_length=200)] = ""


class PasswordChange(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A request to change one's own password."""

    current_password: GivenPassword
    new_password: NewPassword


class PinProof(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What allows a change of a PIN: the account's password, or else the present PIN."""

    password: GivenPassword | None = None
    current_pin: Pin | None = None


class PinChange(PinProof, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A request to give a profile a PIN; its first one takes the password."""

    pin: Pin


class PinTry(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A PIN that somebody typed."""

    pin: Pin


class NewUser(Struct, frozen=True, kw_only=True):
    """An account to make."""

    name: str
    password: str
    role: Role
    language: Language


class User(Struct, frozen=True, kw_only=True):
    """An account as its owner sees it."""

    user_id: UUID
    name: str
    role: Role
    language: Language


class Profile(Struct, frozen=True, kw_only=True):
    """A person of an account: what was watched belongs to the profile."""

    profile_id: UUID
    name: str


class OwnProfile(Struct, frozen=True, kw_only=True):
    """A profile as its account sees it."""

    profile_id: UUID
    name: str
    is_default: bool
    has_pin: bool


class OwnProfiles(Struct, frozen=True, kw_only=True):
    """The profiles of an account, the default one first."""

    items: list[OwnProfile]


class SignedIn(Struct, frozen=True, kw_only=True):
    """A session: who is signed in, and what they may do."""

    user: User
    profile: Profile
    permissions: list[str]
    csrf_token: Annotated[
        str, Meta(description="Send it as X-CSRF-Token beside the cookie when you change something")
    ]
    token: Annotated[
        str | None, Meta(description="Bearer token; only in the answer to a login by token")
    ]
    expires_at: Instant


class NewSession(Struct, frozen=True, kw_only=True):
    """A session that just began, with its token, which cannot be had again."""

    signed_in: SignedIn
    token: str


class Device(Struct, frozen=True, kw_only=True):
    """Where a session is used from."""

    name: str
    client_address: str
    user_agent: str


class AccountRow(Struct, frozen=True, kw_only=True):
    """An account with its secret, for the check of a password."""

    user_id: UUID
    name: str
    password_hash: str
    is_disabled: bool


class PinRow(Struct, frozen=True, kw_only=True):
    """The secret of a profile, if it has one."""

    pin_hash: str | None


class SessionRow(Struct, frozen=True, kw_only=True):
    """A live session with its user, default profile and the libraries of the realm."""

    session_id: UUID
    user_id: UUID
    user_name: str
    role: Role
    language: Language
    profile_id: UUID
    profile_name: str
    max_level: int
    last_seen_at: datetime
    expires_at: datetime
    library_ids: list[UUID]
