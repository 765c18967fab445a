"""What the server costs while nobody asks: memory (PSS) and CPU of all its processes."""

import argparse
import time

from bench.measure import cpu_s, free_port, pss_bytes, python, running, status_of
from bench.start import data_directory, serve_environment, until

MEMORY_BAR_MB = 150
CPU_BAR_PERCENT = 1.0


def main() -> None:
    """Start a server on an empty directory, let it settle, watch it, print what it used."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--settle-s", type=float, default=30)
    options = parser.parse_args()
    port = free_port()
    with data_directory() as folder:
        environment = serve_environment(folder, port)
        with running(python("-m", "app", "serve"), environment=environment) as server:
            until(lambda: status_of(f"http://127.0.0.1:{port}/health/ready") == 200)
            time.sleep(options.settle_s)
            cpu_before, started = cpu_s(server), time.perf_counter()
            time.sleep(options.minutes * 60)
            percent = 100 * (cpu_s(server) - cpu_before) / (time.perf_counter() - started)
            memory = pss_bytes(server)
    for name, size in sorted(memory.items(), key=lambda item: -item[1]):
        print(f"{size / 1e6:7.1f} MB  {name}")
    print(f"{sum(memory.values()) / 1e6:7.1f} MB PSS in all  (bar: <= {MEMORY_BAR_MB})")
    print(f"{percent:7.2f} % of a core over {options.minutes:g} min  (bar: <= {CPU_BAR_PERCENT})")


if __name__ == "__main__":
    main()
