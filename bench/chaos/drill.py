"""One run: a server, its load, one fault after the other, the peace after them, the count."""

import asyncio
import contextlib
import random
import shutil
import signal
import time
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import asyncpg
import httpx
import psutil
from msgspec import Struct

from bench.chaos.faults import Strike, Victim
from bench.chaos.ledger import Effects, Ledger
from bench.chaos.load import FILM_S, Films, Load
from bench.chaos.marks import TABLES
from bench.chaos.report import Outcome, Struck
from bench.lists import claim
from bench.measure import pss_bytes
from tests.helpers.film_library import make_library
from tests.helpers.media import Recipe, make_film
from tests.helpers.playing import library
from tests.helpers.postgres import data_directory

_WARM_S: Final = 5.0
_PAUSE_S: Final = 3.0
_RECOVERY_S: Final = 60.0
_PEACE_S: Final = 90.0
_POLL_S: Final = 0.1
_FILE_COUNT: Final = 60
_TAIL_BYTES: Final = 48 * 2**20
_CUT: Final = Recipe(length_s=FILM_S, fps=12, video_options={"preset": "ultrafast", "g": "24"})
_WHOLE_NAME, _CUT_NAME = "Metropolis (1927).mp4", "Alien (1979).mkv"


class Plan(Struct, frozen=True, kw_only=True):
    """How long which faults are made; `say` hears of each."""

    lasts_s: float
    seed: int
    only: str
    log_file: Path | None
    kills_server: bool
    say: Callable[[str], None]


async def run(plan: Plan) -> Outcome:
    """Run until the end, or until Ctrl-C, which ends the faults and counts what there is."""
    chance = random.Random(plan.seed)  # noqa: S311 (moments, not secrets)
    habits = random.Random(f"{plan.seed}")  # noqa: S311 (of its own: clients must not change the faults)
    ledger = Ledger()
    with data_directory() as folder, data_directory() as data_dir:
        folder.chmod(0o755)
        await asyncio.to_thread(_make_films, folder, habits)
        with Victim(data_dir, chance) as victim:
            victim.server.await_ready()
            headers = {"Authorization": f"Bearer {claim(victim.server)}"}
            await _put_tables(victim.dsn)
            await victim.open_cache()
            async with httpx.AsyncClient(
                base_url=victim.url, headers=headers, timeout=30, trust_env=False
            ) as client:
                try:
                    load = Load(client, await _films(client, folder), ledger, habits)
                    faults = victim.faults(headers, kills_server=plan.kills_server)
                    return await _Drill(plan, victim, load, ledger, chance).run(faults)
                finally:
                    if plan.log_file is not None:
                        shutil.copyfile(data_dir / "logs" / "revenge.log", plan.log_file)


class _Drill:
    """The server is there, and so are those who use it."""

    def __init__(
        self, plan: Plan, victim: Victim, load: Load, ledger: Ledger, chance: random.Random
    ) -> None:
        self._plan = plan
        self._victim = victim
        self._load = load
        self._ledger = ledger
        self._chance = chance
        self._is_stopped = asyncio.Event()
        self._struck: list[Struck] = []

    async def run(self, faults: Mapping[str, Strike]) -> Outcome:
        """Make load and faults, then count."""
        is_over, is_heard = asyncio.Event(), asyncio.Event()
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGINT, self._is_stopped.set)
        began_s = time.monotonic()
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._load.run(is_over, is_heard))
                await self._sleep(_WARM_S)
                before = self._memory_mb()
                await self._make_faults(faults)
                lasted_s, after = time.monotonic() - began_s, self._memory_mb()
                is_over.set()
                effects, health = await self._peace()
                is_heard.set()
        finally:
            loop.remove_signal_handler(signal.SIGINT)
        self._ledger.close(time.monotonic())
        return Outcome(
            seed=self._plan.seed,
            lasted_s=lasted_s,
            ledger=self._ledger,
            promised=frozenset(self._load.promised),
            effects=effects,
            hearings=self._load.hearings,
            held_count=await _held_count(self._victim.dsn),
            health=health,
            struck=self._struck,
            memory_mb=(before, after),
        )

    async def _make_faults(self, faults: Mapping[str, Strike]) -> None:
        """Make one fault after the other; each once before any comes again."""
        chosen = [kind for kind in faults if self._plan.only in kind]
        ends_s = time.monotonic() + self._plan.lasts_s
        waiting: list[str] = []
        while chosen and time.monotonic() < ends_s and not self._is_stopped.is_set():
            waiting = waiting or self._chance.sample(chosen, len(chosen))
            kind = waiting.pop()
            if not await faults[kind]():
                await asyncio.sleep(_POLL_S)
                continue
            recovery_s = await self._recovery_s()
            self._struck.append(Struck(kind=kind, recovery_s=recovery_s))
            if recovery_s is None:
                unwell = self._ledger.unwell_since(time.monotonic() - _RECOVERY_S)
                self._plan.say(f"{kind}: not served again: {', '.join(unwell) or 'cache'}")
            else:
                self._plan.say(f"{kind}: everybody served again after {recovery_s:.1f} s")
            await self._sleep(self._chance.uniform(0, _PAUSE_S))

    async def _recovery_s(self) -> float | None:
        """Return how long it takes from now until everybody was served."""
        began_s = time.monotonic()
        while (waited_s := time.monotonic() - began_s) < _RECOVERY_S:
            if self._ledger.is_well_since(began_s) and await self._victim.cache_answers():
                return waited_s
            await asyncio.sleep(_POLL_S)
        return None

    async def _peace(self) -> tuple[Effects, str]:
        """Return the effects and the health when all is done, told and well, or when that takes too long."""
        ends_s = time.monotonic() + _PEACE_S
        while True:
            effects = await _effects(self._victim.dsn)
            health = await asyncio.to_thread(self._victim.health)
            is_heard = not any(one.missed(effects.marks) for one in self._load.hearings.values())
            is_done = is_heard and not effects.lost(self._load.promised) and health == "healthy"
            if is_done or time.monotonic() > ends_s:
                return effects, health
            await asyncio.sleep(1)

    async def _sleep(self, seconds: float) -> None:
        """Sleep, but not through Ctrl-C."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._is_stopped.wait(), seconds)

    def _memory_mb(self) -> dict[str, float]:
        """Return the memory of the server's processes by their name, that of all of one name together."""
        found: Counter[str] = Counter()
        pid = self._victim.server.pid
        for name, size in pss_bytes(psutil.Process(pid)).items():
            program, _, number = name.rpartition(" ")
            is_worker = program.startswith("python")
            found["server" if int(number) == pid else "workers" if is_worker else program] += size
        return {name: size / 1e6 for name, size in found.items()}


def _make_films(folder: Path, chance: random.Random) -> None:
    make_library(folder, file_count=_FILE_COUNT)
    make_film(folder / _CUT_NAME, _CUT)
    with make_film(folder / _WHOLE_NAME).open("ab") as film:  # a box that players skip
        film.write((_TAIL_BYTES + 8).to_bytes(4) + b"free" + chance.randbytes(_TAIL_BYTES))


async def _films(client: httpx.AsyncClient, folder: Path) -> Films:
    asked = await library(client, folder)
    (shelf,) = (await client.get("/api/v1/libraries")).json()["items"]
    return Films(
        library_id=shelf["library_id"],
        path=folder / _WHOLE_NAME,
        whole=asked[_WHOLE_NAME],
        cut=asked[_CUT_NAME],
    )


async def _put_tables(dsn: str) -> None:
    connection = await asyncpg.connect(dsn)
    await connection.execute(TABLES)
    await connection.close()


async def _effects(dsn: str) -> Effects:
    connection = await asyncpg.connect(dsn)
    found = [
        Counter(row["number"] for row in await connection.fetch(f"SELECT number FROM {table}"))  # noqa: S608
        for table in ("public.chaos_marks", "public.chaos_counts")
    ]
    await connection.close()
    return Effects(marks=found[0], counts=found[1])


async def _held_count(dsn: str) -> int:
    connection = await asyncpg.connect(dsn)
    count = await connection.fetchval("SELECT count(*) FROM public.jobs WHERE status = 'failed'")
    await connection.close()
    return int(count)
