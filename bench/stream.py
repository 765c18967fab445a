"""One file, streamed by our range responder and by nginx in turns: MB/s, CPU and the ratios.

Without --url the responder is measured alone behind Hypercorn; with --url the running server is:
    python -m bench.stream --url http://127.0.0.1:8080/api/v1/files/ID/content --file /srv/film.mkv \
        --header "Authorization: Bearer TOKEN" --pid PID_OF_THE_SERVER
"""

import argparse
import contextlib
import hashlib
import os
import tempfile
import urllib.request
from functools import partial
from pathlib import Path
from urllib.parse import quote

import psutil

from bench.measure import alternate, cpu_s, free_port, nginx, pull, python, running, wait_until_open

MADE_BYTES = 1 << 30
BARS = {1: (0.8, None), 16: (0.45, 2.8)}


def main() -> None:
    """Measure and print one line per number of streams."""
    options = _options()
    with contextlib.ExitStack() as stack:
        path = options.file or _made(Path(stack.enter_context(tempfile.TemporaryDirectory())))
        theirs_port = free_port()
        theirs = stack.enter_context(nginx(path.parent, theirs_port))
        ours_url, ours = options.url, psutil.Process(options.pid) if options.pid else None
        if ours_url is None:
            port = free_port()
            command = python("-m", "bench.apps", "file", str(port), str(path))
            ours = stack.enter_context(running(command))
            wait_until_open(port)
            ours_url = f"http://127.0.0.1:{port}/{path.name}"
        servers = {
            "nginx": (f"http://127.0.0.1:{theirs_port}/{quote(path.name)}", theirs),
            "ours": (ours_url, ours),
        }
        if len({_sample(url, options.header) for url, _ in servers.values()}) > 1:
            raise SystemExit("the two servers do not send the same film")
        for streams in options.streams:
            _compare(servers, streams, options)


def _compare(
    servers: dict[str, tuple[str, psutil.Process | None]], streams: int, options: argparse.Namespace
) -> None:
    headers = ["Range: bytes=0-", *options.header]
    costs: dict[str, list[float]] = {name: [] for name in servers}

    def measured(name: str) -> float:
        url, process = servers[name]
        before = cpu_s(process) if process else 0.0
        rate = pull(url, streams=streams, seconds=options.seconds, headers=headers)
        if process:
            costs[name].append((cpu_s(process) - before) / (rate * options.seconds / 1e3))
        return rate

    rates = alternate(options.rounds, {name: partial(measured, name) for name in servers})
    ratio = rates["ours"] / rates["nginx"]
    least, most = BARS.get(streams, (None, None))
    line = f"{streams:3} streams: ours {rates['ours']:6.0f} MB/s, nginx {rates['nginx']:6.0f} MB/s, ratio {ratio:.2f}"
    if costs["ours"]:
        cpu = {name: sorted(found)[len(found) // 2] for name, found in costs.items()}
        line += f"; CPU s/GB {cpu['ours']:.3f} and {cpu['nginx']:.3f}, ratio {cpu['ours'] / cpu['nginx']:.2f}"
    print(f"{line}  (bar: ratio >= {least}, CPU <= {most})")


def _sample(url: str, headers: list[str]) -> tuple[int, str, str]:
    """Return status, `Content-Range` and digest of some bytes from the middle of the film."""
    asked = dict(header.split(": ", 1) for header in [*headers, "Range: bytes=100000-900000"])
    with urllib.request.urlopen(urllib.request.Request(url, headers=asked)) as answer:
        digest = hashlib.sha256(answer.read()).hexdigest()
        return answer.status, answer.headers["Content-Range"], digest


def _made(folder: Path) -> Path:
    """Write a file of random bytes that nginx, as another user, may read too."""
    folder.chmod(0o711)
    path = folder / "film.mp4"
    block = os.urandom(1 << 20)
    with path.open("wb") as file:
        for _ in range(MADE_BYTES // len(block)):
            file.write(block)
    return path


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--url", help="the file on a running server")
    parser.add_argument("--file", type=Path, help="the same file on disk, for nginx")
    parser.add_argument("--header", action="append", default=[], help="such as 'Cookie: ...'")
    parser.add_argument("--pid", type=int, help="process of the running server, for its CPU time")
    parser.add_argument("--streams", type=int, nargs="+", default=[1, 16])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=2.0)
    options = parser.parse_args()
    if options.url is not None and options.file is None:
        parser.error("--url needs --file, the same film for nginx")
    return options


if __name__ == "__main__":
    main()
