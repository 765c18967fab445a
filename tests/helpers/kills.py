"""Kills parts of a server that runs."""

import random
from contextlib import suppress

import psutil

from tests.helpers.process import ServerProcess, assert_no_orphan


def kill_worker(server: ServerProcess, chance: random.Random) -> None:
    """Kill one of the workers, if there are any."""
    workers = [
        child
        for child in psutil.Process(server.pid).children()
        if child.cmdline()[-1:] == ["worker"]
    ]
    if workers:
        chance.choice(workers).kill()


def kill_postgres(server: ServerProcess, chance: random.Random) -> None:
    """Kill it, or one of its processes, which makes it recover."""
    with suppress(psutil.NoSuchProcess):
        postgres = psutil.Process(server.status()["postgres"]["pid"])
        chance.choice([postgres, *postgres.children()]).kill()


def kill_server(server: ServerProcess, _: random.Random) -> None:
    """Kill it; nothing of it may be left."""
    family = psutil.Process(server.pid).children(recursive=True)
    server.process.kill()
    server.process.wait(10)
    assert_no_orphan(server.data_dir)
    assert psutil.wait_procs(family, timeout=20)[1] == []
