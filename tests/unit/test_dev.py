"""dev.py is tried as a copy in a folder of its own, whose name has a space and an umlaut."""

import ast
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

HOUSE = Path(__file__).parents[2]
LOCKS = ("requirements.lock", "requirements-build.lock", "requirements-dev.lock")


@pytest.fixture
def dev(tmp_path: Path) -> Any:
    folder = tmp_path / "Ordner mit Ümlaut"
    (folder / "server" / "web" / "src").mkdir(parents=True)
    shutil.copy(HOUSE / "dev.py", folder)
    for lock in LOCKS:
        (folder / lock).write_text(f"{lock}\n")
    spec = importlib.util.spec_from_file_location("dev_copy", folder / "dev.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def program(tmp_path: Path) -> Callable[[str], str]:
    def write(script: str) -> str:
        path = tmp_path / f"program-{len(list(tmp_path.iterdir()))}"
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)
        return str(path)

    return write


def typed(dev: Any, *words: str, **environ: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(dev.ROOT / "dev.py"), *words]
    return subprocess.run(
        command, env=environ, cwd="/", capture_output=True, text=True, timeout=30, check=False
    )


def test_its_syntax_is_that_of_python_3_9() -> None:
    ast.parse((HOUSE / "dev.py").read_text(encoding="utf-8"), feature_version=(3, 9))


def test_it_imports_nothing_but_the_standard_library() -> None:
    tree = ast.parse((HOUSE / "dev.py").read_text(encoding="utf-8"))
    plain = {a.name for node in ast.walk(tree) if isinstance(node, ast.Import) for a in node.names}
    parts = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {name.split(".")[0] for name in plain | parts} <= sys.stdlib_module_names


@pytest.mark.parametrize(("words", "status"), [((), 0), (("tset",), 2)])
def test_without_a_known_word_it_prints_its_words(
    dev: Any, words: tuple[str, ...], status: int
) -> None:
    done = typed(dev, *words)
    assert done.returncode == status
    shown = re.findall(r"^  (\S+)", done.stdout, re.MULTILINE)
    assert shown == list(dev.WORDS)
    assert shown[:2] == ["run", "test"]


def test_a_made_folder_is_not_made_again_until_its_origin_changes(dev: Any) -> None:
    made: list[str] = []
    folder = dev.ROOT / "made"
    for key in ("a", "a", "b"):
        dev.stamped(folder, key, lambda key=key: made.append(key))
    assert made == ["a", "b"]


def test_a_folder_whose_making_was_cut_short_is_made_again(dev: Any) -> None:
    folder = dev.ROOT / "made"
    dev.stamped(folder, "a", list)

    def fail() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        dev.stamped(folder, "b", fail)
    assert not dev.stamp_of(folder)


def test_a_fingerprint_follows_names_and_contents(dev: Any) -> None:
    first, second = dev.ROOT / "first", dev.ROOT / "second"
    first.write_text("x")
    second.write_text("x")
    prints = {dev.fingerprint(first), dev.fingerprint(second), dev.fingerprint(first, second)}
    first.write_text("y")
    prints.add(dev.fingerprint(first))
    assert len(prints) == 4


@pytest.mark.parametrize(
    ("stamped_for", "wanted_for_tests", "is_enough"),
    [("run", False, True), ("run", True, False), ("dev", False, True), ("dev", True, True)],
)
def test_an_environment_for_tests_also_serves_to_run(
    dev: Any, *, stamped_for: str, wanted_for_tests: bool, is_enough: bool
) -> None:
    Path(dev.PYTHON).parent.mkdir(parents=True)
    shutil.copy(shutil.which("false") or "", dev.PYTHON)
    run_key = dev.fingerprint(dev.WANTED, str(dev.ROOT), *dev.RUN_LOCKS)
    key = run_key if stamped_for == "run" else dev.fingerprint(run_key, dev.DEV_LOCK)
    dev.stamped(dev.VENV, key, list)
    if is_enough:
        dev.make_environment(dev=wanted_for_tests)
        assert dev.stamp_of(dev.VENV) == key
    else:
        with pytest.raises(SystemExit, match="requirements-dev"):
            dev.make_environment(dev=wanted_for_tests)
        assert not dev.stamp_of(dev.VENV)


def test_an_environment_whose_python_is_gone_is_made_again(
    dev: Any, program: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    dev.stamped(dev.VENV, dev.fingerprint(dev.WANTED, str(dev.ROOT), *dev.RUN_LOCKS), list)
    maker = program('[ "$1" = -c ] && echo "3.13|0|$0" || touch "$3.made"')
    monkeypatch.setattr(sys, "executable", maker)
    with pytest.raises(FileNotFoundError, match=re.escape(dev.PYTHON)):
        dev.make_environment(dev=False)
    assert Path(f"{dev.VENV}.made").exists()
    assert not dev.stamp_of(dev.VENV)


def test_this_python_can_make_environments(dev: Any) -> None:
    base = dev.usable_python(sys.executable)
    assert base
    assert Path(base).is_file()


@pytest.mark.parametrize(
    "script",
    [
        "echo 'pyenv: python3.13: command not found' >&2; exit 127",
        "echo '3.12|0|/bin/sh'",
        "echo '3.13|1|/bin/sh'",
        "echo '3.13|0|/no/such/python'",
        "echo 'No module named ensurepip' >&2; exit 1",
        "echo",
    ],
    ids=["shim", "older", "free-threaded", "gone", "without-ensurepip", "silent"],
)
def test_a_program_that_only_looks_like_the_wanted_python_is_passed_over(
    dev: Any, program: Callable[[str], str], script: str
) -> None:
    assert dev.usable_python(program(script)) is None


def test_a_program_that_is_not_there_is_passed_over(dev: Any) -> None:
    assert dev.usable_python("") is None
    assert dev.usable_python("/no/such/program") is None


def test_a_real_python_behind_a_lying_shim_is_found(
    dev: Any, program: Callable[[str], str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shims, real = tmp_path / "shims", tmp_path / "real"
    for folder, target in ((shims, program("exit 127")), (real, program("echo '3.13|0|/bin/sh'"))):
        folder.mkdir()
        (folder / "python3.13").symlink_to(target)
    monkeypatch.setenv("PATH", f"{shims}{os.pathsep}{real}{os.pathsep}/bin")
    monkeypatch.setattr(sys, "executable", "")
    assert dev.find_python() == "/bin/sh"


def test_without_any_python_it_says_what_to_install(
    dev: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("PYENV_ROOT", raising=False)
    monkeypatch.setattr(sys, "executable", "")
    with pytest.raises(SystemExit, match=r"needs Python 3\.13.*install uv"):
        dev.find_python()


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there is always a desktop to try")
@pytest.mark.parametrize(
    ("display", "script", "is_there"),
    [(":0", "echo ok", True), (":0", "exit 134", False), ("", "echo ok", False)],
)
def test_a_desktop_is_one_that_windows_can_be_opened_on(
    dev: Any,
    program: Callable[[str], str],
    monkeypatch: pytest.MonkeyPatch,
    display: str,
    script: str,
    is_there: bool,
) -> None:
    monkeypatch.setenv("DISPLAY", display)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    dev.PYTHON = program(script)
    assert dev.has_desktop() is is_there


def test_without_the_needed_programs_and_without_apt_it_names_them(
    dev: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SystemExit, match="need chromium: install it"):
        dev.install_system_needs()


@pytest.mark.parametrize(
    ("programs", "advice"),
    [
        (["apt-get"], "as root, then try again:\n  apt-get update && apt-get install -y"),
        (["apt-get", "sudo"], "sudo sh -c 'apt-get update && apt-get install -y"),
    ],
)
def test_a_plain_user_is_told_the_one_command(
    dev: Any,
    program: Callable[[str], str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    programs: list[str],
    advice: str,
) -> None:
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in programs:
        (folder / name).symlink_to(program("exit 0"))
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(SystemExit) as stopped:
        dev.install_system_needs()
    assert advice in str(stopped.value)
    assert "--no-install-recommends chromium" in str(stopped.value)


def test_a_failing_program_is_shown_with_all_it_said(
    dev: Any, program: Callable[[str], str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="status 3"):
        dev.quietly([program("echo out; echo err >&2; exit 3")])
    assert capsys.readouterr().out == "out\nerr\n"


def test_pytest_is_shown_as_it_runs_and_its_closing_line_is_kept(
    dev: Any, program: Callable[[str], str], capsys: pytest.CaptureFixture[str]
) -> None:
    Path(dev.PYTHON).parent.mkdir(parents=True)
    Path(dev.PYTHON).symlink_to(program('echo "$@"; echo "3 passed in 1s"; echo'))
    assert dev.run_pytest(["tests", "-x"]) == "3 passed in 1s"
    assert capsys.readouterr().out == "-m pytest tests -x\n3 passed in 1s\n\n"


def test_failing_tests_end_with_status_1(dev: Any, program: Callable[[str], str]) -> None:
    Path(dev.PYTHON).parent.mkdir(parents=True)
    Path(dev.PYTHON).symlink_to(program("echo 1 failed; exit 2"))
    with pytest.raises(SystemExit) as stopped:
        dev.run_pytest(["tests"])
    assert stopped.value.code == 1


@pytest.mark.parametrize(
    ("said", "committed", "words", "outcome"),
    [
        ("new", "old", ["--check"], "one.txt is stale"),
        ("new", "new", ["--check"], None),
        ("new", "old", [], None),
        ("", "old", [], "one.txt: nothing came from"),
    ],
)
def test_generated_files_are_compared_or_written(
    dev: Any,
    monkeypatch: pytest.MonkeyPatch,
    *,
    said: str,
    committed: str,
    words: list[str],
    outcome: str | None,
) -> None:
    monkeypatch.setattr(dev, "GENERATED", {"one.txt": ("printf", said)})
    monkeypatch.setattr(dev, "prepare", lambda **_: None)
    (dev.ROOT / "one.txt").write_text(committed)
    if outcome is None:
        dev.gen(words)
        assert (dev.ROOT / "one.txt").read_text() == said
    else:
        with pytest.raises(SystemExit, match=outcome):
            dev.gen(words)
        assert (dev.ROOT / "one.txt").read_text() == committed


def test_no_foreign_python_reaches_our_programs(dev: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setenv("PYTHONHOME", "/elsewhere")
    monkeypatch.setitem(dev.WORDS, "show", ("", lambda _: said.append(dev.quietly(["env"]))))
    dev.main(["show"])
    assert said
    assert "PYTHONHOME" not in said[0]
    assert dev.our_environ()["PATH"].startswith(str(dev.NODE_BIN))


def test_a_home_that_cannot_be_written_is_replaced(
    dev: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert dev.our_environ()["HOME"] == str(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "missing"))
    assert dev.our_environ()["HOME"] == str(dev.STATE)


def test_a_second_preparation_waits_for_the_first(dev: Any) -> None:
    later = f"import sys; sys.path.insert(0, {str(dev.ROOT)!r}); import dev\nwith dev.alone(): pass"
    command = [sys.executable, "-c", later]
    with dev.alone():
        second = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert second.stdout is not None
        said = second.stdout.readline()
    with second:
        assert second.wait(timeout=10) == 0
    assert "waiting" in said


def test_the_browser_client_is_built_again_only_when_a_source_changes(
    dev: Any, program: Callable[[str], str], capsys: pytest.CaptureFixture[str]
) -> None:
    Path(dev.NODE).parent.mkdir(parents=True)
    Path(dev.NODE).symlink_to(program("exit 0"))
    source, foreign = dev.WEB / "src" / "main.ts", dev.WEB / "node_modules" / "left.js"
    foreign.parent.mkdir()
    builds = []
    for path, text in ((source, "one"), (source, "one"), (foreign, "two"), (source, "two")):
        path.write_text(text)
        dev.make_web_client()
        builds.append(capsys.readouterr().out)
    assert list(map(bool, builds)) == [True, False, False, True]


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_names_hashes_and_no_host(name: str) -> None:
    text = (HOUSE / name).read_text(encoding="utf-8")
    assert "://" not in text
    for requirement in re.split(r"^(?=\w)", text, flags=re.MULTILINE)[1:]:
        assert "--hash=sha256:" in requirement


def test_the_locks_hold_what_the_project_asks_for() -> None:
    project = tomllib.loads((HOUSE / "pyproject.toml").read_text(encoding="utf-8"))
    run, build, tests = (pinned(name) for name in LOCKS)
    assert {bare(wanted) for wanted in project["project"]["dependencies"]} <= run.keys()
    groups = project["dependency-groups"]
    wanted = {bare(item) for group in groups.values() for item in group if isinstance(item, str)}
    assert wanted <= tests.keys()
    assert (run | build).items() <= tests.items()


def pinned(name: str) -> dict[str, str]:
    text = (HOUSE / name).read_text(encoding="utf-8")
    return dict(re.findall(r"^([\w.-]+)(?:\[.*?\])?==(\S+)", text, re.MULTILINE))


def bare(requirement: str) -> str:
    found = re.match(r"[\w.-]+", requirement)
    assert found
    return found[0].lower().replace("_", "-")
