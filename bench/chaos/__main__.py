"""The fault loop: python3 dev.py chaos [--minutes 5] [--seed N] [--kill-server]; Linux only.

A server on an empty data directory with its own PostgreSQL and its own cache, a library, and a household that uses
it, while one fault after the other is made. Ends with status 1 if anything is there that must not be.
"""

import argparse
import asyncio
import sys
import time
from pathlib import Path

from bench.chaos.drill import Plan, run
from bench.chaos.report import is_good, text


def main() -> int:
    """Run the drill, print what came of it, return the exit status."""
    parser = argparse.ArgumentParser(
        prog="dev.py chaos", description="Make faults under load, and count what they break."
    )
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--seed", type=int, default=time.time_ns() % 1_000_000)
    parser.add_argument("--only", default="", help="faults with this in their name")
    parser.add_argument("--log", type=Path, help="keep the server's log in this file")
    parser.add_argument("--kill-server", action="store_true", help="kill the server itself, too")
    chosen = parser.parse_args()
    print(f"--seed {chosen.seed}", flush=True)  # first: whoever stops it wants to do it again
    plan = Plan(
        lasts_s=60 * chosen.minutes,
        seed=chosen.seed,
        only=chosen.only,
        log_file=chosen.log,
        kills_server=chosen.kill_server,
        say=lambda said: print(said, flush=True),
    )
    outcome = asyncio.run(run(plan))
    print(text(outcome))
    return 0 if is_good(outcome) else 1


if __name__ == "__main__":
    sys.exit(main())
