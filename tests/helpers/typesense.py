"""A stand-in for Typesense, as a program: what is used of the protocol of its API 30, and nothing behind it.

Of its openapi.yml: `GET /health` (`HealthStatus`), `GET /collections`, `GET /debug`, the header of `api_key_header`, `ApiResponse` for
errors. That it answers 503 while it is not ready, and 401 without its key, is what Typesense's `core_api.cpp` does.
"""

import os
import shutil
import sys
from pathlib import Path

import pytest

REAL = os.environ.get("REVENGE_TYPESENSE_BIN", "")
_PROGRAM = """\
import configparser, json, os, signal, socket, sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

options = dict(word.removeprefix("--").split("=", 1) for word in sys.argv[1:])
read = configparser.ConfigParser(interpolation=None)
read.read(options["config"])
settings = read["server"]


def is_told(sign):
    return os.path.exists(os.path.join(options["data-dir"], sign))


class Answers(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        is_ready = not is_told("unwell")
        if self.path == "/health":
            return self.answer(200 if is_ready else 503, {"ok": is_ready})
        if self.headers["X-TYPESENSE-API-KEY"] != settings["api-key"]:
            return self.answer(401, {"message": "Forbidden - a valid `x-typesense-api-key` header must be sent."})
        if not is_ready:
            return self.answer(503, {"message": "Not Ready or Lagging"})
        self.answer(200, {"state": 1, "version": "30.2"} if self.path == "/debug" else [])

    def answer(self, status, document):
        body = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


if is_told("full"):
    sys.exit("IO error: No space left on device")
signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
peering = socket.create_server((settings["peering-address"], int(settings["peering-port"])))
ThreadingHTTPServer((settings["api-address"], int(settings["api-port"])), Answers).serve_forever()
"""


def stand_in(folder: Path) -> Path:
    """Write the program into a folder and return it. Told `unwell` or `full`, by files beside its data, it is."""
    program = folder / "typesense"
    program.write_text(f"#!{_python()}\n{_PROGRAM}")
    program.chmod(0o755)
    return program


def _python() -> str:
    """Return an interpreter that the system user of our programs can reach, too."""
    if os.geteuid() != 0:
        return sys.executable
    found = shutil.which("python3", path="/usr/bin:/usr/local/bin")
    return found or pytest.skip("there is no Python that other users can run")
