"""A search server that speaks the protocol of Typesense: whether it is ready, and whether it takes our key."""

import asyncio
import logging
from typing import TYPE_CHECKING, Annotated, Final

import msgspec
from msgspec import Meta, Struct

from server.kernel.errors import Unavailable
from server.kernel.secret import Secret, SecretUrl

if TYPE_CHECKING:
    import httpx

_ANSWER_S: Final = 3.0
_BODY_MAX_BYTES: Final = 64 * 1024
_VERSION_MAX: Final = 40
_OK: Final = 200
_NOT_READY: Final = 503  # while it loads, and while it is behind with what it was told
_REFUSED: Final = frozenset({401, 403})

logging.getLogger("httpx").setLevel(logging.WARNING)  # it tells every request with its address
logging.getLogger("httpcore").setLevel(logging.WARNING)


class SearchUnwell(Unavailable):
    """The search server cannot be used now."""


class SearchUnreachable(SearchUnwell):
    """Nothing answers at its address."""

    code = "search.unreachable"


class SearchNotReady(SearchUnwell):
    """It answers, and says that it is not ready."""

    code = "search.not_ready"


class SearchRefused(SearchUnwell):
    """It does not take our key."""

    code = "search.refused"


class NoTypesense(SearchUnwell):
    """What answers at its address is something else."""

    code = "search.not_typesense"


class SearchAddress(Struct, frozen=True, kw_only=True):
    """Where it is and what opens it; one that is not ours may have been named without its key."""

    url: SecretUrl
    key: Secret | None


class SearchServer:
    """One search server; paths and answers are those of Typesense's API, version 30."""

    def __init__(self, address: SearchAddress) -> None:
        self._address = address
        self._client: httpx.AsyncClient | None = None

    async def check(self) -> None:
        """Return if it is ready and takes our key. Raises: SearchUnwell."""
        status, body = await self._get("/health")
        try:
            is_ready = msgspec.json.decode(body, type=_Health).ok
        except msgspec.MsgspecError:
            raise NoTypesense from None
        if status == _NOT_READY or not is_ready:
            raise SearchNotReady
        status, _ = await self._get("/collections?limit=1")  # /health asks for no key
        if status in _REFUSED:
            raise SearchRefused
        if status != _OK:
            raise SearchNotReady if status == _NOT_READY else NoTypesense

    async def version(self) -> str | None:
        """Return the version that it says it has; None while it says none."""
        try:
            status, body = await self._get("/debug")
            version = msgspec.json.decode(body, type=_Debug).version
        except (SearchUnwell, msgspec.MsgspecError):
            return None
        return version if status == _OK else None

    async def aclose(self) -> None:
        """Close what is open to it."""
        if self._client is not None:
            await self._client.aclose()

    async def _get(self, path: str) -> tuple[int, bytes]:
        """Return the status and the beginning of the body. Raises: SearchUnwell."""
        if self._client is None:
            self._client = await asyncio.to_thread(_opened, self._address)
        import httpx  # noqa: PLC0415 (loaded by now)

        try:
            async with self._client.stream("GET", path) as answer:
                body = b""
                async for chunk in answer.aiter_raw():
                    body += chunk
                    if len(body) > _BODY_MAX_BYTES:
                        break
                return answer.status_code, body
        except (httpx.TransportError, httpx.InvalidURL) as error:
            # by name only: some of the texts hold what was to be sent, the key too
            raise SearchUnreachable(why=type(error).__name__) from None


class _Health(Struct):
    ok: bool


class _Debug(Struct):
    version: Annotated[str, Meta(max_length=_VERSION_MAX)]


def _opened(address: SearchAddress) -> "httpx.AsyncClient":
    """Return a client. Blocking. Raises: SearchUnwell."""
    import httpx  # noqa: PLC0415 (5 MB: only where there is a search server)

    url, key = address.url.reveal(), address.key.reveal() if address.key else ""
    if not (key.isascii() and key.isprintable()):
        raise SearchRefused  # no header can hold it
    try:
        return httpx.AsyncClient(
            base_url=url,
            headers={"X-TYPESENSE-API-KEY": key, "Accept-Encoding": "identity"},
            timeout=_ANSWER_S,
            trust_env=False,  # no proxy of the environment for a server at home, no .netrc
            verify=url.startswith("https:"),  # nothing to verify, nothing to load
        )
    except httpx.InvalidURL:
        raise SearchUnreachable from None
