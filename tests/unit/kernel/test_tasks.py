import asyncio

from server.kernel.tasks import TaskScope


async def test_leaving_the_scope_ends_what_runs() -> None:
    ended = asyncio.Event()

    async def forever() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    async with TaskScope() as tasks:
        task = tasks.spawn(forever(), name="forever")
        await asyncio.sleep(0)
    assert task.cancelled()
    assert ended.is_set()


async def test_a_failed_task_leaves_the_others_running() -> None:
    async def fail() -> None:
        raise ValueError("broken")

    async def work() -> int:
        await asyncio.sleep(0.01)
        return 1

    async with TaskScope() as tasks:
        tasks.spawn(fail(), name="fail")
        assert await tasks.spawn(work(), name="work") == 1
