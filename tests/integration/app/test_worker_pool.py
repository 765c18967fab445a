import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path

import psutil
import pytest

from app.supervisor.worker import WorkerPool
from server.kernel.precedence import Precedence
from server.kernel.workers import WorkerFailed, WorkerLost
from server.media.model import Walk
from tests.helpers.odd_worker import Absent, Count, Crash, Echo, Hang, Hog, Paced, Pid, Refuse
from tests.helpers.process import until

COMMAND = [sys.executable, "-m", "tests.helpers.odd_worker"]


@pytest.fixture
async def pool() -> AsyncIterator[WorkerPool]:
    async with WorkerPool(COMMAND, limit=2) as opened:
        yield opened


async def until_gone(pid: int) -> None:
    await asyncio.to_thread(until, lambda: not psutil.pid_exists(pid), what="the worker is gone")


async def until_empty(pool: WorkerPool) -> None:
    await asyncio.to_thread(until, lambda: pool.count == 0, what="the pool is empty")


async def test_what_libraries_print_does_not_disturb_the_replies(pool: WorkerPool) -> None:
    assert await pool.run(Echo(text="Größe"), timeout_s=20) == "Größe"


async def test_replies_stream_in_order(pool: WorkerPool) -> None:
    async with aclosing(pool.stream(Count(up_to=500), timeout_s=20)) as replies:
        assert [number async for number in replies] == list(range(500))


async def test_a_worker_is_used_again(pool: WorkerPool) -> None:
    first = await pool.run(Pid(), timeout_s=20)
    assert await pool.run(Pid(), timeout_s=20) == first
    assert pool.count == 1


async def test_a_worker_that_grew_ends_and_another_takes_its_place() -> None:
    async with WorkerPool(COMMAND, limit=1, most_memory_bytes=1) as pool:
        first = await pool.run(Pid(), timeout_s=20)
        assert await pool.run(Pid(), timeout_s=20) != first
        await until_gone(first)


async def test_work_waits_for_a_free_worker(pool: WorkerPool) -> None:
    pids = await asyncio.gather(*(pool.run(Pid(), timeout_s=20) for _ in range(6)))
    assert len(set(pids)) <= 2


async def test_a_crash_is_one_lost_call_and_a_new_process(pool: WorkerPool) -> None:
    before = await pool.run(Pid(), timeout_s=20)
    with pytest.raises(WorkerLost):
        await pool.run(Crash(), timeout_s=20)
    assert await pool.run(Pid(), timeout_s=20) != before


async def test_a_worker_that_died_while_idle_is_replaced(pool: WorkerPool) -> None:
    before = await pool.run(Pid(), timeout_s=20)
    os.kill(before, signal.SIGKILL)
    await until_gone(before)
    assert await pool.run(Pid(), timeout_s=20) != before


async def test_a_failure_keeps_its_reason_and_the_worker(pool: WorkerPool) -> None:
    before = await pool.run(Pid(), timeout_s=20)
    with pytest.raises(WorkerFailed) as caught:
        await pool.run(Refuse(), timeout_s=20)
    assert caught.value.context["reason"] == "media.damaged"
    assert await pool.run(Pid(), timeout_s=20) == before


async def test_a_bomb_ends_in_a_failure_not_in_the_machine(pool: WorkerPool) -> None:
    with pytest.raises(WorkerFailed) as caught:
        await pool.run(Hog(), timeout_s=20)
    assert "MemoryError" in caught.value.context["detail"]


async def test_an_unknown_operation_fails(pool: WorkerPool) -> None:
    with pytest.raises(WorkerFailed):
        await pool.run(Absent(), timeout_s=20)


async def test_a_hanging_worker_is_killed_at_the_time_limit(pool: WorkerPool) -> None:
    await pool.run(Pid(), timeout_s=20)
    async with aclosing(pool.stream(Hang(), timeout_s=0.3)) as replies:
        await anext(replies)
        with pytest.raises(WorkerLost):
            await anext(replies)
    await until_empty(pool)


async def test_cancelling_ends_the_process(pool: WorkerPool) -> None:
    async with aclosing(pool.stream(Hang(), timeout_s=20)) as replies:
        pid = await anext(replies)
    await until_gone(pid)


async def test_a_paced_work_replies_when_asked(pool: WorkerPool) -> None:
    async with aclosing(pool.stream(Paced(), timeout_s=20)) as replies:
        await anext(replies)
        assert [await anext(replies) for _ in range(3)] == [1, 2, 3]


@pytest.mark.parametrize("is_busy", [False, True])
async def test_a_paced_work_that_is_left_keeps_its_worker(pool: WorkerPool, is_busy: bool) -> None:
    pid = await pool.run(Pid(), timeout_s=20)
    for _ in range(3):
        async with aclosing(pool.stream(Paced(breath_s=0.02), timeout_s=20)) as replies:
            assert await anext(replies) == pid
            if is_busy:
                with pytest.raises(TimeoutError):
                    await asyncio.wait_for(anext(replies), 0.05)
    assert await pool.run(Pid(), timeout_s=20) == pid


async def test_a_paced_work_that_does_not_stop_loses_its_worker(pool: WorkerPool) -> None:
    async with aclosing(pool.stream(Paced(breath_s=5), timeout_s=20)) as replies:
        pid = await anext(replies)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(anext(replies), 0.05)
    await until_gone(pid)


async def test_an_idle_worker_ends(tmp_path: Path) -> None:
    async with WorkerPool(COMMAND, idle_end_s=0.05) as pool:
        await until_gone(await pool.run(Pid(), timeout_s=20))
        await until_empty(pool)


async def test_leaving_the_pool_leaves_no_process(tmp_path: Path) -> None:
    async with WorkerPool(COMMAND) as pool:
        pid = await pool.run(Pid(), timeout_s=20)
    await until_gone(pid)


async def test_the_real_worker_walks_a_folder(tmp_path: Path) -> None:
    (tmp_path / "Alien (1979).mkv").write_bytes(b"x")
    async with (
        WorkerPool() as pool,
        aclosing(pool.stream(Walk(root=bytes(tmp_path)), timeout_s=20)) as found,
    ):
        batches = [batch async for batch in found]
    ((listing,),) = [batch.folders for batch in batches]
    assert [file.name for file in listing.files] == [b"Alien (1979).mkv"]


async def test_a_pool_that_gives_way_comes_last_and_works_as_ever_again() -> None:
    precedence = Precedence(hold_s=0.5)
    async with WorkerPool(COMMAND, limit=3, precedence=precedence) as pool:
        before = psutil.Process(await pool.run(Pid(), timeout_s=20))
        assert before.nice() < 19
        precedence.streamed()
        assert comes_last(before)
        pids = await asyncio.gather(*(pool.run(Pid(), timeout_s=20) for _ in range(6)))
        assert set(pids) == {before.pid}
        await precedence.calm(patience_s=10)
        await until_gone(before.pid)
        pids = await asyncio.gather(*(pool.run(Pid(), timeout_s=20) for _ in range(6)))
        assert len(set(pids)) > 1
        assert not any(comes_last(psutil.Process(pid)) for pid in pids)


async def test_what_is_at_work_when_somebody_streams_goes_on_last_and_ends_then() -> None:
    precedence = Precedence(hold_s=0.2)
    async with WorkerPool(COMMAND, limit=1, precedence=precedence) as pool:
        async with aclosing(pool.stream(Paced(), timeout_s=20)) as replies:
            pid = await anext(replies)
            precedence.streamed()
            assert comes_last(psutil.Process(pid))
            await precedence.calm(patience_s=10)
            assert await anext(replies) == 1
        await until_gone(pid)
        assert await pool.run(Echo(text="again"), timeout_s=20) == "again"


async def test_a_worker_begun_beside_a_stream_comes_last() -> None:
    precedence = Precedence()
    precedence.streamed()
    async with WorkerPool(COMMAND, limit=1, precedence=precedence) as pool:
        assert comes_last(psutil.Process(await pool.run(Pid(), timeout_s=20)))


async def test_who_comes_last_may_take_longer() -> None:
    precedence = Precedence()
    precedence.streamed()
    async with (
        WorkerPool(COMMAND, limit=1, precedence=precedence) as pool,
        aclosing(pool.stream(Paced(breath_s=0.2), timeout_s=1.0)) as replies,
    ):
        await anext(replies)
        assert await anext(replies) == 1


async def test_a_worker_has_a_group_of_its_own_in_our_session(pool: WorkerPool) -> None:
    pid = await pool.run(Pid(), timeout_s=20)
    assert os.getpgid(pid) == pid
    assert os.getsid(pid) == os.getsid(0)


def comes_last(process: psutil.Process) -> bool:
    threads = [psutil.Process(thread.id) for thread in process.threads()]
    return all(
        thread.nice() == 19 and thread.ionice().ioclass == psutil.IOPRIO_CLASS_IDLE
        for thread in threads
    )
