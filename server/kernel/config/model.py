"""The configuration that is needed before the database is up: every key, its default, its meaning."""

from typing import Annotated, Any, Final, Literal

from msgspec import Meta, Struct

from server.kernel.secret import Secret, SecretUrl

_HTTP: Final = ("http", "https")


def _hot(description: str, **limits: Any) -> Meta:
    return Meta(description=description, extra={"reload": "hot"}, **limits)


def _restart(description: str, *, extra: dict[str, Any] | None = None, **limits: Any) -> Meta:
    return Meta(description=description, extra={"reload": "restart", **(extra or {})}, **limits)


def _later(description: str, why: str, **extra: Any) -> Meta:
    """Describe a key that is accepted and that nothing reads yet; `why` says what is missing."""
    return Meta(description=description, extra={"reload": "restart", "unread": why, **extra})


_NO_SQLITE: Final = "Revenge works with PostgreSQL only."
_NO_ENCRYPTION: Final = "Nothing is encrypted at rest yet."
_NO_OIDC: Final = "There is no signing in with another service yet."
_NO_SOURCES: Final = "Descriptions are not fetched from anywhere yet."
_NO_ARR: Final = "Download managers are not connected yet."
_NO_LEGACY: Final = "The legacy module does not exist yet."


class Server(Struct, frozen=True, kw_only=True):
    """Where the server listens."""

    host: Annotated[
        str,
        _restart(
            "Address to listen on: 0.0.0.0 is every IPv4 address, :: every address, 127.0.0.1 this machine only.",
            pattern=r"^[0-9A-Za-z:_][0-9A-Za-z.:_%-]*$",
            examples=["0.0.0.0", "::", "127.0.0.1"],  # noqa: S104 - the contract's default
        ),
    ] = "0.0.0.0"  # noqa: S104 - the contract's default
    port: Annotated[int, _restart("HTTP port.", ge=1, le=65535)] = 8080
    allowed_hosts: Annotated[
        tuple[Annotated[str, Meta(pattern=r"^(\*\.)?[0-9A-Za-z:_\[][0-9A-Za-z.:_\]-]*$")], ...],
        _hot(
            "Names under which browsers may reach the server, such as `media.example.org` or `*.example.org`. "
            "Every IP address, names without a dot, the machine's own name and the endings of home networks (`.local`, `.lan` and such) "
            "are always allowed; all others are refused, so that a foreign site cannot point its name at this "
            "server (DNS rebinding).",
            examples=["media.example.org", "*.example.org"],
        ),
    ] = ()


class Pool(Struct, frozen=True, kw_only=True):
    """How many connections to PostgreSQL are kept."""

    min_conns: Annotated[int, _restart("Connections kept open when idle.", ge=0, le=100)] = 1
    max_conns: Annotated[
        int,
        _restart(
            "Most connections at a time; 0 is twice the processor's cores plus one.", ge=0, le=1000
        ),
    ] = 0


class Database(Struct, frozen=True, kw_only=True):
    """Which PostgreSQL is used."""

    driver: Annotated[
        Literal["postgres"],
        _restart("Always `postgres`.", extra={"refused": {"sqlite": "config.sqlite"}}),
    ] = "postgres"
    url: Annotated[
        SecretUrl | None,
        _restart(
            "External PostgreSQL (17 or later); without it the server runs its own.",
            extra={"schemes": ("postgres", "postgresql")},
            examples=["postgres://revenge:password@db:5432/revenge"],
        ),
    ] = None
    sqlite_path: Annotated[str, _later("File of SQLite.", _NO_SQLITE)] = ""
    pool: Pool = Pool()


class Limits(Struct, frozen=True, kw_only=True):
    """How many requests a second are answered; twice as many may come in one moment, and 0 is no limit.

    Whoever sits at the server's own machine is counted for the account alone.
    """

    global_per_s: Annotated[int, _hot("Of everybody together.", ge=0, le=1_000_000)] = 1000
    address_per_s: Annotated[
        int, _hot("Of one address; of a /64 network for IPv6.", ge=0, le=1_000_000)
    ] = 200
    user_per_s: Annotated[int, _hot("Of one account.", ge=0, le=1_000_000)] = 200
    sign_in_per_s: Annotated[
        int,
        _hot(
            "Tries to sign in, or to prove a password or PIN, of everybody together.",
            ge=0,
            le=1_000_000,
        ),
    ] = 5


class Logging(Struct, frozen=True, kw_only=True):
    """What is logged, and how."""

    level: Annotated[
        Literal["debug", "info", "warning", "error"], _hot("Least important line that is logged.")
    ] = "info"
    format: Annotated[
        Literal["auto", "text", "json"],
        _restart("`auto` is coloured text on a terminal and JSON elsewhere."),
    ] = "auto"
    slow_request_ms: Annotated[
        int,
        _hot(
            "A request whose answer takes so many milliseconds to begin is logged; 0 logs none.",
            ge=0,
            le=3_600_000,
        ),
    ] = 2000
    slow_query_ms: Annotated[
        int,
        _hot(
            "A statement that takes so many milliseconds is logged by its name, never with its values; 0 logs none.",
            ge=0,
            le=3_600_000,
        ),
    ] = 500


class Tracing(Struct, frozen=True, kw_only=True):
    """Traces for OpenTelemetry."""

    endpoint: Annotated[
        SecretUrl | None,
        _restart(
            "Collector that traces are sent to by OTLP over HTTP (protobuf); `/v1/traces` is added where there is no path. "
            "Without it nothing is traced.",
            extra={"schemes": _HTTP},
            examples=["http://collector:4318"],
        ),
    ] = None
    sample_percent: Annotated[
        int,
        _restart(
            "How many of a hundred requests, and of jobs that no request caused, are traced. Programs on this machine and "
            "administrators may ask for more, by `traceparent`.",
            ge=0,
            le=100,
        ),
    ] = 10


class Images(Struct, frozen=True, kw_only=True):
    """Pictures."""

    cache_mb: Annotated[
        int,
        _hot(
            "Most megabytes for smaller copies of pictures; those looked at longest ago are removed first.",
            ge=1,
            le=10_000_000,
        ),
    ] = 2048


class Playback(Struct, frozen=True, kw_only=True):
    """Playback."""

    cache_gb: Annotated[
        int,
        _hot(
            "Most gigabytes for what was made ready for players; never more than half of what is free.",
            ge=1,
            le=100_000,
        ),
    ] = 20
    sessions_per_user: Annotated[
        int, _hot("How many players one account may have at once.", ge=1, le=1000)
    ] = 10


class Auth(Struct, frozen=True, kw_only=True):
    """Signing in and staying signed in."""

    lockout_attempts: Annotated[
        int, _hot("Failed sign-ins after which the name and the address are locked.", ge=1, le=1000)
    ] = 5
    lockout_minutes: Annotated[int, _hot("Minutes that a lock lasts.", ge=1, le=10_080)] = 15
    session_days: Annotated[
        int, _hot("Days until a session in use must sign in again.", ge=1, le=3650)
    ] = 30
    session_idle_days: Annotated[
        int, _hot("Days after which an unused session ends.", ge=1, le=3650)
    ] = 7
    jwt_secret: Annotated[
        Secret | None,
        _restart(
            "Signs the tickets in the addresses of streams, at least 32 characters; a new random one at each start by default.",
            extra={"env": "REVENGE_JWT_SECRET", "min_length": 32},
        ),
    ] = None


class Cache(Struct, frozen=True, kw_only=True):
    """A cache beside the server's own memory."""

    url: Annotated[
        SecretUrl | None,
        _restart(
            "External cache server: Dragonfly, Valkey or Redis, such as several servers share.",
            extra={"schemes": ("redis", "rediss", "unix")},
            examples=["redis://:password@dragonfly:6379"],
        ),
    ] = None
    own: Annotated[
        bool,
        _restart(
            "Run a cache server of our own where no external one is named: Dragonfly where it is installed, else the Valkey "
            "that comes along (Linux and macOS)."
        ),
    ] = True


class Search(Struct, frozen=True, kw_only=True):
    """A search server beside the database."""

    url: Annotated[
        SecretUrl | None,
        _restart(
            "External Typesense. Nothing searches in it yet: it is asked how it fares.",
            extra={"schemes": _HTTP},
            examples=["http://typesense:8108"],
        ),
    ] = None
    api_key: Annotated[
        Secret | None,
        _restart(
            "Key of the external Typesense, with which collections can be made, listed and filled."
        ),
    ] = None
    own: Annotated[
        bool,
        _restart(
            "Run a Typesense of our own where it is installed and no external one is named (Linux and macOS)."
        ),
    ] = True


class Encryption(Struct, frozen=True, kw_only=True):
    """Encryption at rest."""

    key: Annotated[Secret | None, _later("Key for AES-256.", _NO_ENCRYPTION)] = None


class Oidc(Struct, frozen=True, kw_only=True):
    """Signing in with another service."""

    client_secret: Annotated[
        Secret | None, _later("Client secret of the OIDC provider.", _NO_OIDC)
    ] = None


class Tmdb(Struct, frozen=True, kw_only=True):
    """TMDb."""

    api_key: Annotated[
        Secret | None, _later("Key of TMDb.", _NO_SOURCES, env="REVENGE_TMDB_API_KEY")
    ] = None


class Metadata(Struct, frozen=True, kw_only=True):
    """Sources of descriptions."""

    tmdb: Tmdb = Tmdb()


class Radarr(Struct, frozen=True, kw_only=True):
    """Radarr."""

    url: Annotated[
        SecretUrl | None,
        _later("Address of Radarr.", _NO_ARR, env="REVENGE_RADARR_URL", schemes=_HTTP),
    ] = None
    api_key: Annotated[
        Secret | None, _later("Key of Radarr.", _NO_ARR, env="REVENGE_RADARR_API_KEY")
    ] = None


class Sonarr(Struct, frozen=True, kw_only=True):
    """Sonarr."""

    url: Annotated[
        SecretUrl | None,
        _later("Address of Sonarr.", _NO_ARR, env="REVENGE_SONARR_URL", schemes=_HTTP),
    ] = None
    api_key: Annotated[
        Secret | None, _later("Key of Sonarr.", _NO_ARR, env="REVENGE_SONARR_API_KEY")
    ] = None


class Whisparr(Struct, frozen=True, kw_only=True):
    """Whisparr."""

    url: Annotated[
        SecretUrl | None,
        _later("Address of Whisparr.", _NO_ARR, env="REVENGE_WHISPARR_URL", schemes=_HTTP),
    ] = None
    api_key: Annotated[
        Secret | None, _later("Key of Whisparr.", _NO_ARR, env="REVENGE_WHISPARR_API_KEY")
    ] = None


class Prowlarr(Struct, frozen=True, kw_only=True):
    """Prowlarr."""

    url: Annotated[
        SecretUrl | None,
        _later("Address of Prowlarr.", _NO_ARR, env="REVENGE_PROWLARR_URL", schemes=_HTTP),
    ] = None
    api_key: Annotated[
        Secret | None, _later("Key of Prowlarr.", _NO_ARR, env="REVENGE_PROWLARR_API_KEY")
    ] = None


class Arr(Struct, frozen=True, kw_only=True):
    """Download managers."""

    radarr: Radarr = Radarr()
    sonarr: Sonarr = Sonarr()
    whisparr: Whisparr = Whisparr()
    prowlarr: Prowlarr = Prowlarr()


class LegacyPrivacy(Struct, frozen=True, kw_only=True):
    """Privacy of the legacy module."""

    require_pin: Annotated[bool, _later("Ask for a PIN.", _NO_LEGACY)] = True
    audit_all_access: Annotated[bool, _later("Keep a record of every access.", _NO_LEGACY)] = True


class StashDb(Struct, frozen=True, kw_only=True):
    """StashDB."""

    api_key: Annotated[
        Secret | None, _later("Key of StashDB.", _NO_LEGACY, env="REVENGE_STASHDB_API_KEY")
    ] = None


class Legacy(Struct, frozen=True, kw_only=True):
    """The legacy module."""

    enabled: Annotated[bool, _later("Switches the legacy module on.", _NO_LEGACY)] = False
    encryption_key: Annotated[Secret | None, _later("Key of the legacy module.", _NO_LEGACY)] = None
    privacy: LegacyPrivacy = LegacyPrivacy()
    stashdb: StashDb = StashDb()


class Config(Struct, frozen=True, kw_only=True):
    """The whole configuration; slices receive their section, never the tree."""

    server: Server = Server()
    database: Database = Database()
    limits: Limits = Limits()
    logging: Logging = Logging()
    tracing: Tracing = Tracing()
    auth: Auth = Auth()
    images: Images = Images()
    playback: Playback = Playback()
    cache: Cache = Cache()
    search: Search = Search()
    encryption: Encryption = Encryption()
    oidc: Oidc = Oidc()
    metadata: Metadata = Metadata()
    arr: Arr = Arr()
    legacy: Legacy = Legacy()
