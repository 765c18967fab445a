"""One id leads from a request to everything that it caused, through the database and through processes."""

import sys
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from msgspec import Struct

from app.supervisor.worker import WorkerPool
from server.kernel.clock import SystemClock
from server.kernel.db import Db
from server.kernel.jobs import METADATA, Jobs, job
from server.kernel.jobs.model import Rule
from server.kernel.jobs.runner import Result
from server.kernel.log import bound
from server.kernel.metrics import Metrics
from server.kernel.observation import DbWatch
from server.kernel.realm import PUBLIC, Secrets, realm_dsn
from tests.helpers.jobs import PATIENT, channel_of, running
from tests.helpers.odd_worker import Echo
from tests.helpers.until import until

COMMAND = [sys.executable, "-m", "tests.helpers.odd_worker"]


class Say(Struct, frozen=True, kw_only=True):
    """Have a worker process say something."""

    text: str


class Saying:
    """A job that has a worker process work for it."""

    def __init__(self, pool: WorkerPool) -> None:
        self._pool = pool

    @job("odd.say", queue=METADATA)
    async def say(self, payload: Say) -> None:
        await self._pool.run(Echo(text=payload.text), timeout_s=20)


def said(caplog: pytest.LogCaptureFixture, event: str, request_id: str) -> list[dict[str, Any]]:
    lines = [record.msg for record in caplog.records if isinstance(record.msg, dict)]
    return [one for one in lines if one["event"] == event and one.get("request_id") == request_id]


async def test_one_id_leads_through_all_processes(
    db: Db, owner_dsn: str, secrets: Secrets, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    db.watch = DbWatch(Metrics(), lambda: 0.0)
    channel, dsn = await channel_of(owner_dsn), realm_dsn(owner_dsn, PUBLIC, secrets)
    ids = [str(uuid4()), str(uuid4())]
    ended: list[Result] = []

    def note(_rule: Rule, result: Result, _duration_s: float) -> None:
        ended.append(result)

    async with WorkerPool(COMMAND, limit=1) as pool:
        jobs = Jobs(db, SystemClock(), channel)
        jobs.declare([Saying(pool)])
        async with running(db, dsn, jobs, channel, PATIENT) as runner:
            runner.on_end = note
            for request_id in ids:
                with bound(request_id=request_id, traceparent=f"span of {request_id}"):
                    async with db.transaction() as tx:
                        await jobs.add(tx, Say(text="hello"))
                await until(partial(said, caplog, "worker says", request_id))
            await until(lambda: len(ended) == len(ids))
    assert ended == ["done", "done"]
    pids = set()
    for request_id in ids:
        assert said(caplog, "slow query", request_id)[0]["query"] == "jobs.enqueue"
        for line in said(caplog, "worker says", request_id):
            assert (line["job"], line["op"]) == ("odd.say", "echo")
            assert line["traceparent"] == f"span of {request_id}"
            pids.add(line["pid"])
    assert len(pids) == 1


async def test_what_no_request_caused_has_no_id_of_one(
    db: Db, owner_dsn: str, secrets: Secrets, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    channel, dsn = await channel_of(owner_dsn), realm_dsn(owner_dsn, PUBLIC, secrets)
    async with WorkerPool(COMMAND, limit=1) as pool:
        jobs = Jobs(db, SystemClock(), channel)
        jobs.declare([Saying(pool)])
        async with running(db, dsn, jobs, channel, PATIENT):
            async with db.transaction() as tx:
                await jobs.add(tx, Say(text="hello"))
            await until(lambda: "worker says" in caplog.text)
    lines = [one.msg for one in caplog.records if isinstance(one.msg, dict)]
    assert not [line for line in lines if {"request_id", "traceparent"} & set(line)]
