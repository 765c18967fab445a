"""The word `diagnostics`, with a server and without one."""

import io
import json
import os
import re
import shlex
import stat
import subprocess
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.helpers.postgres import data_directory
from tests.helpers.process import ROOT, command, environment, run_word, running_server

IS_ROOT = os.geteuid() == 0


@pytest.fixture
def data_dir() -> Iterator[Path]:
    with data_directory() as folder:
        yield folder


def texts(data_dir: Path, **env: str) -> dict[str, str]:
    done = run_word(data_dir, "diagnostics", "--json", **env)
    assert (done.returncode, done.stderr) == (0, "")
    return {one["name"]: one["text"] for one in json.loads(done.stdout)["items"]}


def test_a_server_that_runs_tells_of_itself_and_one_that_is_gone_left_its_log() -> None:
    with data_directory() as folder:
        with running_server(folder) as server:
            server.await_ready()
            found = texts(folder)
            assert '"name": "ready"' in found["phases.json"]
            assert '"state": "running"' in found["programs.json"]
            runtime = json.loads((folder / "runtime.json").read_bytes())
            secrets = [str(folder), runtime["token"], server.status()["setup_code"]]
            secrets += re.findall(r'"([\w-]{20,})"', (folder / "secrets.json").read_text())
            assert len(secrets) > 4
            assert [one for one in secrets if one in "".join(found.values())] == []
        left = texts(folder)
        assert "phases.json" not in left
        assert '"event":"phase","phase":"ready"' in left["log.jsonl"]
        assert '"is_folder": true' in left["data-directory.json"]


def test_the_last_failure_stands_in_it(data_dir: Path) -> None:
    done = run_word(data_dir, "serve", "--lifeline", "--host", "192.0.2.1", "--port", "0")
    assert done.returncode == 1
    assert json.loads(done.stderr)["code"] == "host_unusable"
    assert '"code":"host_unusable"' in texts(data_dir)["log.jsonl"]


def test_it_is_written_once_and_for_its_owner_only(data_dir: Path) -> None:
    output = data_dir / "out.zip"
    listed = run_word(data_dir, "diagnostics").stdout
    done = run_word(data_dir, "diagnostics", "--output", str(output))
    assert done.returncode == 0, done.stderr
    assert stat.S_IMODE(output.stat().st_mode) == 0o600
    with zipfile.ZipFile(io.BytesIO(output.read_bytes())) as packed:
        assert packed.testzip() is None
        assert all(name in listed for name in packed.namelist())
    before = output.read_bytes()
    again = run_word(data_dir, "diagnostics", "--output", str(output))
    assert again.returncode == 1
    assert "already there" in again.stderr
    assert output.read_bytes() == before


@pytest.mark.parametrize("place", ["absent/out.zip", ""])
def test_a_place_that_is_none_is_said(data_dir: Path, place: str) -> None:
    done = run_word(data_dir, "diagnostics", "--output", str(data_dir / place))
    assert done.returncode == 1
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(os.name != "posix", reason="needs a shell with ulimit")
def test_a_file_that_cannot_be_written_whole_is_not_left(data_dir: Path) -> None:
    output = data_dir / "half.zip"
    words = shlex.join(command("diagnostics", "--output", str(output)))
    done = subprocess.run(
        ["sh", "-c", f"ulimit -f 0; exec {words}"],
        cwd=ROOT,
        env=environment(data_dir),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, output.exists()) == (1, False)
    assert "cannot be written" in done.stderr


def test_a_wrong_configuration_and_no_data_directory_keep_nobody_from_it(tmp_path: Path) -> None:
    found = texts(tmp_path / "absent", REVENGE_SERVER_PORT="hunter2")
    assert '"variable": "REVENGE_SERVER_PORT"' in found["configuration.json"]
    assert "hunter2" not in "".join(found.values())


@pytest.mark.skipif(IS_ROOT, reason="root may read everything")
def test_a_data_directory_that_may_not_be_read_is_told(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o000)
    try:
        assert '"EACCES"' in texts(closed)["data-directory.json"]
    finally:
        closed.chmod(0o700)
