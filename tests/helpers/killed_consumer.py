"""A program that dies at the second event, after it acted and before that is noted."""

import asyncio
import os
import signal
import sys

from server.kernel.db import Tx, open_db
from server.kernel.events import Consumer, Happened
from tests.integration.kernel.test_events import Counted, Writer, dispatching


class Doomed(Writer):
    """Acts, and dies the second time."""

    async def __call__(self, tx: Tx, happened: Happened) -> None:
        await super().__call__(tx, happened)
        if len(self.numbers) > 1:
            os.kill(os.getpid(), signal.SIGKILL)


async def _main(dsn: str, channel: str) -> None:
    consumer = Consumer(name="writer", events=(Counted,), handle=Doomed())
    async with open_db(dsn) as db, dispatching(db, dsn, channel, [consumer]):
        await asyncio.sleep(30)


if __name__ == "__main__":
    asyncio.run(_main(sys.argv[1], sys.argv[2]))
