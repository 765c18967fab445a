"""Memory of the whole server while it sends 30 GB of one film: it must not grow with what was sent.

Needs curl. The film is real at its start and a hole behind: the disk holds a megabyte.
"""

import os
import subprocess

import psutil

from tests.helpers.browser import add_library, claimed_server
from tests.helpers.media import make_film
from tests.helpers.postgres import data_directory
from tests.helpers.process import ServerProcess

FILM_BYTES = 10 * 2**30
ROUNDS = 3


def main() -> None:
    """Measure and print one line per 10 GB."""
    with data_directory() as films, claimed_server() as server:
        os.truncate(make_film(films / "h264_aac.mp4"), FILM_BYTES)
        films.chmod(0o755)
        add_library(server, films)
        url = _address(server)
        process = psutil.Process(server.pid)
        print(f"before: {_pss_mb(process):.0f} MB PSS")
        for number in range(1, ROUNDS + 1):
            command = ["curl", "-sSf", "-o", "/dev/null", "-w", "%{speed_download}", url]
            with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as curl:
                most_mb = 0.0
                while curl.poll() is None:
                    most_mb = max(most_mb, _pss_mb(process))
                rate = float(curl.stdout.read()) / 1e6 if curl.stdout else 0.0
            print(
                f"{number * FILM_BYTES / 1e9:.0f} GB: at most {most_mb:.0f} MB PSS, {rate:.0f} MB/s"
            )


def _address(server: ServerProcess) -> str:
    """Return where curl gets the only film."""
    (card,) = server.client.get("/api/v1/movies").json()["items"]
    movie = server.client.get(f"/api/v1/movies/{card['item_id']}").json()
    file_id = movie["versions"][0]["files"][0]["file_id"]
    ticket = server.client.post(f"/api/v1/files/{file_id}/ticket").json()
    return f"{str(server.client.base_url).rstrip('/')}{ticket['url']}"


def _pss_mb(process: psutil.Process) -> float:
    return float(process.memory_full_info().pss) / 1e6


if __name__ == "__main__":
    main()
