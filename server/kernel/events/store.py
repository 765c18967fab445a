"""The statements of events and the types of their rows."""

from datetime import datetime
from typing import Final

from msgspec import Struct

from server.kernel.db import Query
from server.kernel.sql import load

sql = load(__file__)


class EventRow(Struct, frozen=True, kw_only=True):
    """An event as it is stored; `body` is its JSON, with the kind."""

    position: int
    kind: str
    body: str
    emitted_at: datetime


EMIT: Final = Query(sql("emit"))
HAS_WAITING: Final = Query(sql("has_waiting"), bool)
LOCK_ORDER: Final = Query(sql("lock_order"), int)
PUT_IN_ORDER: Final = Query(sql("put_in_order"))
MOVE_ORDER: Final = Query(sql("move_order"))
LAST_POSITION: Final = Query(sql("last_position"), int)
FIRST_POSITION: Final = Query(sql("first_position"), int)
AFTER: Final = Query(sql("after"), EventRow)
AFTER_OF: Final = Query(sql("after_of"), EventRow)
BEGIN: Final = Query(sql("begin"))
CURSOR: Final = Query(sql("cursor"), int)
NOTE: Final = Query(sql("note"))
NOTE_FAILURE: Final = Query(sql("note_failure"))
FORGET: Final = Query(sql("forget"))
FORGET_FAILURES: Final = Query(sql("forget_failures"))
