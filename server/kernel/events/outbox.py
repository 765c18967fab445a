"""The outbox: events are rows of the transaction that makes them true."""

import msgspec

from server.kernel.db import Tx
from server.kernel.events import store
from server.kernel.events.model import Event, kind_of


async def emit(tx: Tx, *happened: Event) -> None:
    """Tell what happened, in this order, if and when the transaction commits."""
    if happened:
        kinds = [kind_of(type(event)) for event in happened]
        bodies = [msgspec.json.encode(event).decode() for event in happened]
        await tx.execute(store.EMIT, kinds, bodies)
        tx.happened.extend(happened)
