import asyncio
import errno
import os
import signal
import stat
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from app.failure import StartFailed
from app.instance import only_instance
from app.listen import local_address, open_listener
from app.paths import Paths, _unusable, _usual_config_file, find_paths, prepare_data_dir
from app.runtime import Runtime, own_start_s, read_runtime, write_runtime
from app.secrets_file import load_secrets
from app.supervisor.child import before_exec, foreign_environment
from app.supervisor.cluster import Cluster
from app.supervisor.output import Output
from bundled.postgres import PostgresBinaries
from server.kernel.storage import write_whole


def places(folder: Path) -> Paths:
    return find_paths({"REVENGE_DATA_DIR": str(folder)})


def test_the_environment_names_the_places(tmp_path: Path) -> None:
    found = find_paths(
        {
            "REVENGE_DATA_DIR": f" {tmp_path} ",
            "REVENGE_CONFIG_FILE": "/etc/revenge.yaml",
            "REVENGE_POSTGRES_BIN": "/opt/pg/bin",
            "REVENGE_TYPESENSE_BIN": "/opt/typesense-server",
        }
    )
    assert found.data_dir == tmp_path
    assert found.config_file == Path("/etc/revenge.yaml")
    assert found.is_config_required
    assert found.postgres_bin == Path("/opt/pg/bin")
    assert found.typesense_bin == Path("/opt/typesense-server")


def test_without_an_environment_the_platform_decides() -> None:
    found = find_paths({})
    assert found.data_dir.is_absolute()
    assert found.data_dir.name == "revenge"
    assert found.config_file == found.data_dir / "config.yaml"
    assert found.postgres_bin is None
    assert found.typesense_bin is None
    if os.geteuid() == 0:
        assert found.data_dir == Path("/var/lib/revenge")


def test_a_relative_data_directory_becomes_absolute() -> None:
    assert find_paths({"REVENGE_DATA_DIR": "here"}).data_dir == Path.cwd() / "here"


@pytest.mark.parametrize("text", ["~nobody-of-this-name/x", "/srv/a\udcff"])
def test_a_place_that_is_none_is_said_with_its_variable(text: str) -> None:
    with pytest.raises(StartFailed, match="REVENGE_DATA_DIR"):
        find_paths({"REVENGE_DATA_DIR": text})


def test_the_systems_file_serves_where_the_data_directory_has_none(tmp_path: Path) -> None:
    own, system = tmp_path / "config.yaml", tmp_path / "etc.yaml"
    assert _usual_config_file(tmp_path, system) == own
    system.touch()
    assert _usual_config_file(tmp_path, system) == system
    own.symlink_to(
        "nowhere"
    )  # a link that leads nowhere is an error to be said, not a file that is absent
    assert _usual_config_file(tmp_path, system) == own


def test_the_data_directory_is_made(tmp_path: Path) -> None:
    paths = places(tmp_path / "a" / "b")
    prepare_data_dir(paths)
    assert paths.log_file.parent.is_dir()
    assert not [entry for entry in paths.data_dir.iterdir() if entry.is_file()]


def test_a_file_in_its_place_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StartFailed, match="is not a directory"):
        prepare_data_dir(places(tmp_path / "file"))


def test_a_second_holder_is_refused(tmp_path: Path) -> None:
    with (
        only_instance(places(tmp_path)),
        pytest.raises(StartFailed, match="already runs"),
        only_instance(places(tmp_path)),
    ):
        pass
    with only_instance(places(tmp_path)):
        pass


def runtime(**changes: object) -> Runtime:
    values = {
        "pid": os.getpid(), "started_at_s": own_start_s(), "control_url": "http://127.0.0.1:1", "token": "t",
        "address": "http://127.0.0.1:8080/", "version": "1",
    }  # fmt: skip
    return Runtime(**{**values, **changes})  # type: ignore[arg-type]


def test_the_runtime_file_tells_of_a_live_server_only(tmp_path: Path) -> None:
    path = tmp_path / "runtime.json"
    assert read_runtime(path) is None
    write_runtime(path, runtime())
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert read_runtime(path) == runtime()
    write_runtime(path, runtime(started_at_s=1.0))
    assert read_runtime(path) is None
    path.write_bytes(b"{")
    assert read_runtime(path) is None


def test_secrets_are_made_once(tmp_path: Path) -> None:
    path = tmp_path / "secrets.json"
    made = load_secrets(path, may_make=True)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert load_secrets(path, may_make=False) == made
    assert made.owner_password not in repr(made)


def test_secrets_of_an_older_version_get_what_they_lack(tmp_path: Path) -> None:
    path = tmp_path / "secrets.json"
    made = load_secrets(path, may_make=True)
    old = msgspec.to_builtins(made)
    del old["search_key"]
    path.write_bytes(msgspec.json.encode(old))
    completed = load_secrets(path, may_make=False)
    assert completed.search_key
    assert completed.search_key != made.search_key
    assert replace(completed, search_key=made.search_key) == made
    assert load_secrets(path, may_make=False) == completed
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert completed.search_key not in repr(completed)


def test_secrets_that_are_gone_or_damaged_are_said(tmp_path: Path) -> None:
    path = tmp_path / "secrets.json"
    with pytest.raises(StartFailed, match="is gone"):
        load_secrets(path, may_make=False)
    path.write_bytes(b"[]")
    with pytest.raises(StartFailed, match="is damaged"):
        load_secrets(path, may_make=True)


def test_a_private_file_is_replaced_whole(tmp_path: Path) -> None:
    for content in (b"one", b"two"):
        write_whole(tmp_path / "file", content, is_private=True)
    assert [entry.name for entry in tmp_path.iterdir()] == ["file"]
    assert (tmp_path / "file").read_bytes() == b"two"


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("0.0.0.0", "http://127.0.0.1:80/"),  # noqa: S104 (a name, no socket)
        ("::", "http://127.0.0.1:80/"),
        ("::1", "http://[::1]:80/"),
        ("192.168.1.5", "http://192.168.1.5:80/"),
    ],
)
def test_the_address_is_one_that_a_browser_here_can_open(host: str, address: str) -> None:
    assert local_address(host, 80) == address


@pytest.mark.parametrize("host", ["a..b", "x" * 64 + ".lan"])
def test_a_host_that_is_no_name_is_said(host: str) -> None:
    with pytest.raises(StartFailed, match="no name of a machine"):
        open_listener(host, 0)


def test_foreign_programs_get_no_settings_of_ours() -> None:
    assert foreign_environment(
        {"PATH": "/bin", "PGHOST": "h", "REVENGE_DATABASE_URL": "secret", "TYPESENSE_NODES": "/n"}
    ) == {"PATH": "/bin"}


@pytest.mark.parametrize(
    ("original", "expected"), [("/system", {"LD_LIBRARY_PATH": "/system"}), ("", {})]
)
def test_a_frozen_build_gives_foreign_programs_their_library_path_back(
    monkeypatch: pytest.MonkeyPatch, original: str, expected: dict[str, str]
) -> None:
    monkeypatch.setattr("sys.frozen", True, raising=False)
    source = {"LD_LIBRARY_PATH": "/ours", "LD_LIBRARY_PATH_ORIG": original}
    assert foreign_environment(source) == expected


def test_a_child_is_prepared_where_the_system_can() -> None:
    assert before_exec(death_signal=signal.SIGTERM) is not None


def cluster(folder: Path, port: int | None, version: str = "18.6") -> Cluster:
    binaries = PostgresBinaries(bin_dir=folder, version=version, root=folder)
    return Cluster(
        folder=folder, run_dir=folder, binaries=binaries, account=None, password="p@:/ü", port=port
    )


def test_the_login_is_encoded() -> None:
    assert cluster(Path("/d"), 5).dsn == "postgresql://revenge:p%40%3A%2F%C3%BC@127.0.0.1:5/revenge"
    assert cluster(Path("/a b"), None).dsn.endswith("@/revenge?host=%2Fa%20b&port=5432")


def test_the_command_fits_socket_port_and_version() -> None:
    by_socket, by_port = cluster(Path('/a"b'), None).command, cluster(Path("/d"), 5, "17.1").command
    assert 'unix_socket_directories="/a""b"' in by_socket
    assert "io_method=sync" in by_socket
    assert "io_method=sync" not in by_port
    assert {"port=5", "unix_socket_directories=", "listen_addresses=127.0.0.1"} <= set(by_port)


@pytest.mark.parametrize(
    "lines", [[], ["7"], [*("7", *"234567"), "starting"], [*("8", *"234567"), "ready"]]
)
def test_only_our_own_ready_server_counts(tmp_path: Path, lines: list[str]) -> None:
    (tmp_path / "postmaster.pid").write_text("\n".join(lines))
    assert not cluster(tmp_path, None).is_ready(7)
    (tmp_path / "postmaster.pid").write_bytes(b"7\n/srv/\xff\n3\n4\n5\n6\n7\nready   \n")
    assert cluster(tmp_path, None).is_ready(7)


def test_a_log_is_turned_over(tmp_path: Path) -> None:
    output = Output(tmp_path / "p.log", limit_bytes=10)
    for text in (b"0123456789", b"abc", b"FATAL:  no space"):
        output._write(text)
    assert (tmp_path / "p.log").read_bytes() == b"abcFATAL:  no space"
    assert (tmp_path / "p.log.1").read_bytes() == b"0123456789"


async def test_a_line_that_comes_in_pieces_is_one_line(tmp_path: Path) -> None:
    output, stream = Output(tmp_path / "p.log"), asyncio.StreamReader()
    async with asyncio.TaskGroup() as group:
        group.create_task(output.follow(stream))
        for chunk in (b"all is well\nNo spa", b"ce left", b"\n", b"\r\n", b"x" * 100_000, b"!"):
            stream.feed_data(chunk)
            await asyncio.sleep(0)
        stream.feed_eof()
    first, second, endless = output.tail.split("\n")
    assert (first, second) == ("all is well", "No space left")
    assert len(endless) < 70_000
    assert output.complaint == endless


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (errno.EACCES, "data_dir.no_right"),
        (errno.ENOTDIR, "data_dir.not_a_folder"),
        (errno.EEXIST, "data_dir.not_a_folder"),
        (errno.ENOSPC, "data_dir.full"),
        (errno.EDQUOT, "data_dir.full"),
        (errno.EROFS, "data_dir.read_only"),
        (errno.EIO, "data_dir.unusable"),
    ],
)
def test_why_a_data_directory_cannot_be_used_is_told_with_the_folder_to_look_at(
    tmp_path: Path, number: int, code: str
) -> None:
    folder = tmp_path / "a" / "b"
    failure = _unusable(folder, OSError(number, os.strerror(number), str(folder))).failure
    assert failure.code == code
    assert (failure.context["folder"], failure.context["near"]) == (str(folder), str(tmp_path))
    assert str(folder) in failure.reason


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_closed_folder_is_told_to_a_plain_user(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(StartFailed) as caught:
            prepare_data_dir(places(tmp_path / "data"))
    finally:
        tmp_path.chmod(0o700)
    assert caught.value.failure.code == "data_dir.no_right"
    assert caught.value.failure.context["near"] == str(tmp_path)
