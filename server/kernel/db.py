"""PostgreSQL for the slices: typed named queries over a pool that outlives the server behind it."""

import asyncio
import re
import time
from collections.abc import (
    AsyncIterator,
    Awaitable,
    Callable,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)
from contextlib import asynccontextmanager, contextmanager, suppress
from types import MappingProxyType
from typing import Any, Protocol, overload

import asyncpg
from asyncpg.pool import PoolConnectionProxy

from server.kernel.errors import RevengeError, Unavailable
from server.kernel.rows import RowReader, row_reader
from server.kernel.sql import SqlText

_WRITES = re.compile(r"\b(insert|update|delete|merge|call)\b", re.IGNORECASE)
_LOST = (
    OSError,
    asyncpg.InternalClientError,  # the driver's word for a connection that ends under a statement
    asyncpg.OperatorInterventionError,
    asyncpg.PostgresConnectionError,
)
_NONE: Mapping[str, type[RevengeError]] = MappingProxyType({})
_ACQUIRE_TIMEOUT_S = 5.0
_CLOSE_TIMEOUT_S = 2.0
_RETRY_AFTER_S = 0.2  # an embedded PostgreSQL is back about this long after it was killed

type Connection = asyncpg.Connection[asyncpg.Record] | PoolConnectionProxy[asyncpg.Record]
type OnStatement = Callable[[SqlText], None]
type OnHappened = Callable[[Sequence[object]], None]


class Watch(Protocol):
    """Hears how long each statement took, by its name, and how long work waited for a connection."""

    def ran(self, query: str, duration_s: float, error: BaseException | None) -> None:
        """Note a statement that ended, well or with an error."""
        ...

    def waited(self, duration_s: float) -> None:
        """Note a wait for a connection, in vain or not."""
        ...


class DatabaseUnavailable(Unavailable):
    """PostgreSQL does not answer: starting, stopped, or every connection is busy for too long."""

    code = "db.unavailable"


class ConnectionLost(DatabaseUnavailable):
    """The connection broke, so nobody knows whether the statement still ran."""


class DatabaseFull(Unavailable):
    """The disk under PostgreSQL is full; nothing was written."""

    code = "db.full"


class Query[R]:
    """A statement with the type of its rows: a Struct, a scalar type, or None where there are none.

    `on_conflict` names the error that a violated constraint means to the slice.
    """

    __slots__ = ("is_read", "name", "on_conflict", "read", "row", "sql")

    @overload
    def __init__(
        self: "Query[None]",
        sql: SqlText,
        row: None = None,
        *,
        on_conflict: Mapping[str, type[RevengeError]] = ...,
    ) -> None: ...

    @overload
    def __init__(
        self,
        sql: SqlText,
        row: type[R],
        *,
        on_conflict: Mapping[str, type[RevengeError]] = ...,
    ) -> None: ...

    def __init__(
        self,
        sql: SqlText,
        row: Any = None,
        *,
        on_conflict: Mapping[str, type[RevengeError]] | None = None,
    ) -> None:
        self.sql = sql
        self.name = str(sql)
        self.row = row
        self.on_conflict = on_conflict or _NONE
        self.read: RowReader[R] = row_reader(row)
        self.is_read = _WRITES.search(sql.text) is None

    def __str__(self) -> str:
        return self.name


class Tx:
    """One open transaction; leaving its block commits, an error rolls back."""

    def __init__(self, connection: Connection, on_statement: OnStatement, watch: Watch) -> None:
        self._connection = connection
        self._on_statement = on_statement
        self._watch = watch
        self.happened: list[object] = []

    async def one[R](self, query: Query[R], *args: Any) -> R | None:
        """Return the first row, or None."""
        with self._statement(query):
            record = await self._connection.fetchrow(query.sql.text, *args)
        return None if record is None else query.read(record)

    async def all[R](self, query: Query[R], *args: Any) -> list[R]:
        """Return every row, in the order of the statement."""
        with self._statement(query):
            records = await self._connection.fetch(query.sql.text, *args)
        return [query.read(record) for record in records]

    async def value[R](self, query: Query[R], *args: Any) -> R:
        """Return the row of a statement that always has one, such as a count."""
        with self._statement(query):
            record = await self._connection.fetchrow(query.sql.text, *args)
        if record is None:
            raise LookupError(f"{query} gave no row")
        return query.read(record)

    async def records(self, text: str, *args: Any) -> list[dict[str, Any]]:
        """Return the rows of a statement that a library brings along; slices have named queries."""
        with self._timed("unnamed"), our_errors():
            return [dict(record) for record in await self._connection.fetch(text, *args)]

    async def execute(self, query: Query[Any], *args: Any) -> int:
        """Return how many rows were changed."""
        with self._statement(query):
            status = await self._connection.execute(query.sql.text, *args)
        count = status.rpartition(" ")[2]  # "UPDATE 3", "INSERT 0 1"
        return int(count) if count.isdecimal() else 0

    async def many(self, query: Query[Any], rows: Iterable[Sequence[Any]]) -> None:
        """Run the statement once a row; all rows or none."""
        with self._statement(query):
            await self._connection.executemany(query.sql.text, rows)

    async def copy(self, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        """Append rows by COPY, the fastest way for hundreds and more; constraints stay unnamed."""
        with self._timed(f"copy.{table}"), our_errors():
            await self._connection.copy_records_to_table(table, columns=columns, records=rows)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator["Tx"]:
        """Open a savepoint: an error undoes what happened inside, and the rest may go on."""
        transaction = self._connection.transaction()
        with our_errors():
            await transaction.start()
        try:
            yield self
        except BaseException:
            with suppress(asyncpg.InterfaceError, asyncpg.PostgresError, OSError):
                await transaction.rollback()  # fails only where the connection is gone: undone too
            raise
        with our_errors():
            await transaction.commit()

    @contextmanager
    def _statement(self, query: Query[Any]) -> Iterator[None]:
        self._on_statement(query.sql)
        with self._timed(query.name), our_errors(query.on_conflict):
            yield

    @contextmanager
    def _timed(self, name: str) -> Iterator[None]:
        began_s = time.perf_counter()
        try:
            yield
        except BaseException as error:
            self._watch.ran(name, time.perf_counter() - began_s, error)
            raise
        self._watch.ran(name, time.perf_counter() - began_s, None)


class Db:
    """The database of one realm: every statement on a connection of its own, or many in a transaction.

    Reads are repeated once when the connection breaks under them. Raises, everywhere:
    DatabaseUnavailable, and what the query declares in `on_conflict`.
    """

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]") -> None:
        self._pool = pool
        self.on_statement: OnStatement = _ignore
        self.on_happened: OnHappened = _tell_nobody
        self.watch: Watch = _Unwatched()

    @property
    def connection_count(self) -> int:
        """Return how many connections are open."""
        return self._pool.get_size()

    @property
    def idle_connection_count(self) -> int:
        """Return how many of them nobody uses now."""
        return self._pool.get_idle_size()

    @property
    def most_connections(self) -> int:
        """Return how many there may be."""
        return self._pool.get_max_size()

    async def one[R](self, query: Query[R], *args: Any) -> R | None:
        """Return the first row, or None."""
        return await self._run(query, lambda tx: tx.one(query, *args))

    async def all[R](self, query: Query[R], *args: Any) -> list[R]:
        """Return every row, in the order of the statement."""
        return await self._run(query, lambda tx: tx.all(query, *args))

    async def value[R](self, query: Query[R], *args: Any) -> R:
        """Return the row of a statement that always has one, such as a count."""
        return await self._run(query, lambda tx: tx.value(query, *args))

    async def records(self, text: str, *args: Any) -> list[dict[str, Any]]:
        """Return the rows of a statement that a library brings along; slices have named queries."""
        async with self._session() as tx:
            return await tx.records(text, *args)

    async def execute(self, query: Query[Any], *args: Any) -> int:
        """Return how many rows were changed."""
        return await self._run(query, lambda tx: tx.execute(query, *args))

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Tx]:
        """Open a transaction; it commits at the end of the block and rolls back on an error.

        `on_happened` hears of its events before whoever wrote goes on, also where nobody knows whether it committed.
        """
        async with self._session() as tx:
            try:
                async with tx.transaction():
                    yield tx
            finally:
                if tx.happened:
                    self.on_happened(tx.happened)

    async def _run[T](self, query: Query[Any], ask: Callable[[Tx], Awaitable[T]]) -> T:
        try:
            async with self._session() as tx:
                return await ask(tx)
        except ConnectionLost:
            if not query.is_read:
                raise
        await self._pool.expire_connections()  # where one broke, the others broke with it
        await asyncio.sleep(_RETRY_AFTER_S)
        async with self._session() as tx:
            return await ask(tx)

    @asynccontextmanager
    async def _session(self) -> AsyncIterator[Tx]:
        began_s = time.perf_counter()
        try:
            with our_errors():
                connection = await self._pool.acquire(timeout=_ACQUIRE_TIMEOUT_S)
        finally:
            self.watch.waited(time.perf_counter() - began_s)
        try:
            yield Tx(connection, self.on_statement, self.watch)
        finally:
            await self._pool.release(connection)


@asynccontextmanager
async def open_db(
    dsn: str, *, min_size: int = 1, max_size: int = 10, command_timeout_s: float = 60.0
) -> AsyncIterator[Db]:
    """Open the pool of a realm; leaving gives running statements two seconds.

    Raises: DatabaseUnavailable.
    """
    pool = asyncpg.create_pool(
        dsn,
        min_size=min_size,
        max_size=max_size,
        command_timeout=command_timeout_s,
        timeout=_ACQUIRE_TIMEOUT_S,
        max_inactive_connection_lifetime=60.0,
        statement_cache_size=256,
        reset=_keep,
        server_settings={"application_name": "revenge"},
    )
    with our_errors():
        await pool
    try:
        yield Db(pool)
    finally:
        try:
            await asyncio.wait_for(pool.close(), _CLOSE_TIMEOUT_S)
        except (OSError, asyncpg.InterfaceError, asyncpg.PostgresError):
            pool.terminate()


@contextmanager
def our_errors(on_conflict: Mapping[str, type[RevengeError]] = _NONE) -> Iterator[None]:
    """Turn the driver's errors into ours; `on_conflict` is by the name of the violated constraint."""
    try:
        yield
    except asyncpg.IntegrityConstraintViolationError as error:
        ours = on_conflict.get(error.constraint_name or "")
        if ours is None:
            raise
        raise ours from error
    except asyncpg.DiskFullError as error:
        raise DatabaseFull from error
    except (TimeoutError, asyncpg.InsufficientResourcesError) as error:
        raise DatabaseUnavailable from error
    except _LOST as error:
        raise ConnectionLost from error
    except asyncpg.InterfaceError as error:
        if "clos" not in str(error):  # "connection is closed", "pool is closing": its only mark
            raise
        raise ConnectionLost from error


async def _keep(_connection: object) -> None:
    """Skip the pool's reset: no slice changes session state, and it costs a round trip a statement."""


def _ignore(_statement: SqlText) -> None:
    """Count nothing; tests put a counter here."""


class _Unwatched:
    """Nobody wants to know, as in the words of the command line."""

    def ran(self, query: str, duration_s: float, error: BaseException | None) -> None:
        """Forget it."""

    def waited(self, duration_s: float) -> None:
        """Forget it."""


def _tell_nobody(_happened: Sequence[object]) -> None:
    """Tell nobody; the cache listens here."""
