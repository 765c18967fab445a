"""The server process: both listeners at once, then all that stands behind them, then the end."""

import asyncio
import contextlib
import logging
import os
import secrets
import signal
import sys
from collections.abc import Callable, Iterator
from ipaddress import ip_address
from pathlib import Path
from socket import socket
from typing import TYPE_CHECKING, NoReturn

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from app.announce import Service, announce, installation_id
from app.boot import changed_address, load_config, log_warnings
from app.choice import Home, chosen
from app.config_file import ConfigFile
from app.control.app import Control
from app.control.routes import Routes
from app.database import clear_away
from app.diagnostics import Diagnostics
from app.failure import StartFailed, crashed, unusable
from app.front import Front
from app.house import open_house
from app.instance import only_instance
from app.lifeline import watch
from app.listen import Listener, local_address, open_listener
from app.paths import Paths, find_paths, prepare_data_dir
from app.runtime import Runtime, own_start_s, write_runtime
from app.state import State
from app.stop import COMMAND_S, LIFELINE_S, SIGNAL_S, Stop
from app.terminal import has_terminal
from server.kernel.config import Config, Loaded
from server.kernel.log import Tail, configure, get_log, set_level
from server.kernel.phases import Phase
from server.kernel.settings import Live
from server.kernel.tasks import TaskScope
from server.kernel.version import VERSION

if TYPE_CHECKING:
    from server.main import Application

log = get_log(__name__)

START_AGAIN = 75
"""Exit status: stopped, but to be started again by whoever started it. EX_TEMPFAIL of sysexits(3)."""

_RESTART = "restart"
_SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")


class Options(Struct, frozen=True, kw_only=True):
    """What the command line says. `is_check` goes up to ready on any free port, then stops."""

    host: str | None = None
    port: int | None = None
    has_lifeline: bool = False
    is_check: bool = False


class Handshake(Struct, frozen=True, kw_only=True):
    """The one line on stdout by which a parent finds us."""

    pid: int
    control_url: str
    token: str
    port: int
    version: str


def run(options: Options) -> int:
    """Run the server until it is stopped; return the exit status, START_AGAIN for a restart. Raises: StartFailed."""
    paths = find_paths()
    prepare_data_dir(paths)
    loaded = load_config(paths)
    with only_instance(paths):
        tail = _open_log(loaded.config, paths.log_file if options.has_lifeline else None)
        log_warnings(loaded)
        try:
            return _run(paths, loaded, options, tail)
        except StartFailed as failed:
            if options.has_lifeline:  # else the console shows it already
                log.critical("start failed", code=failed.failure.code, reason=str(failed))
            raise


def _run(paths: Paths, loaded: Loaded, options: Options, tail: Tail) -> int:
    host, port = changed_address(loaded.config, host=options.host, port=options.port)
    public = open_listener("127.0.0.1", 0) if options.is_check else open_listener(host, port)
    one = _Run(paths, loaded, options, public)
    try:
        with asyncio.Runner(loop_factory=_loop_factory()) as runner:
            runner.run(one.serve(tail))
    except StartFailed:
        raise
    except asyncio.CancelledError:
        log.warning("stopped before everything was put away in peace")
    except Exception as error:  # the last line of defence: it belongs in the log
        log.exception("the server crashed")
        raise crashed(error) from error
    finally:
        with contextlib.suppress(OSError):  # a stale one names a dead process, and is not believed
            paths.runtime_file.unlink()
    return START_AGAIN if one.is_restart else 0


def start_again() -> NoReturn:
    """Become a new server in the same process: same pid, same lifeline, a new handshake."""
    logging.shutdown()
    words = sys.argv if getattr(sys, "frozen", False) else sys.orig_argv
    os.execv(sys.executable, [sys.executable, *words[1:]])  # noqa: S606 (no shell is wanted)


def _open_log(config: Config, path: Path | None) -> Tail:
    try:
        return configure(level=config.logging.level, format=config.logging.format, path=path)
    except OSError as error:
        raise unusable(path or Path("stderr"), "written", error) from error


class _Run:
    """One life of the server."""

    def __init__(self, paths: Paths, loaded: Loaded, options: Options, public: socket) -> None:
        host, port = public.getsockname()[:2]
        self._paths = paths
        self._public = public
        self._config = Live(self._placed(loaded.config))
        self._config_file = ConfigFile(paths.config_file, loaded, chosen(paths.choice_file))
        self._options = options
        self._home = Home(
            paths.choice_file, replace(loaded, config=self._config.now), self._restart
        )
        self._had_terminal = has_terminal()
        self._control = open_listener("127.0.0.1", 0)
        self._handshake = Handshake(
            pid=os.getpid(),
            control_url=f"http://127.0.0.1:{self._control.getsockname()[1]}",
            token=secrets.token_urlsafe(32),
            port=port,
            version=VERSION,
        )
        self._state = State(
            host=host, address=local_address(host, port), version=self._handshake.version
        )

    async def serve(self, tail: Tail) -> None:
        """Serve until the stop. Raises: StartFailed, CancelledError when the stop was forced."""
        task = asyncio.current_task()
        self._stop = stop = Stop(task.cancel if task else lambda: None)
        _hear_signals(stop.signal, self._hang_up)
        front = Front(self._state)
        routes = Routes(
            self._state,
            tail,
            Diagnostics(self._state, tail, self._config, self._paths),
            stop=lambda: stop.ask("command", within_s=COMMAND_S),
            restart=self._restart,
        )
        control = Control(routes, self._handshake.token)
        try:
            async with asyncio.TaskGroup() as group:
                listeners = [
                    group.create_task(Listener(front, self._public).serve(stop)),
                    group.create_task(Listener(control, self._control).serve(stop)),
                ]
                self._introduce()
                house = group.create_task(self._live(front, listeners))
                await stop.wait()
                self._state.report(Phase(name="stopping"))
                if front.application is None:
                    house.cancel()
        except* StartFailed as failures:
            raise next(_leaves(failures)) from None

    @property
    def is_restart(self) -> bool:
        """Return whether the server ended to start again, and nobody has asked for its end since."""
        return self._stop.why == _RESTART

    def _restart(self) -> None:
        if not self._stop.is_asked:
            self._stop.ask(_RESTART, within_s=SIGNAL_S)

    def _hang_up(self, name: str) -> None:
        """Stop where our terminal was closed; else somebody wants the configuration read."""
        if self._had_terminal and not has_terminal():
            self._stop.signal(name)
        else:
            self._config_file.ask()

    def _placed(self, config: Config) -> Config:
        """Return the configuration with the address that we really listen on."""
        host, port = self._public.getsockname()[:2]
        return replace(config, server=replace(config.server, host=host, port=port))

    def _introduce(self) -> None:
        """Say where we are, to the parent and in the file; heed the lifeline from then on."""
        self._write_runtime(None)
        if not self._options.is_check:
            _print(1, msgspec.json.encode(self._handshake).decode() + "\n")
        if self._options.has_lifeline:
            loop, stop = asyncio.get_running_loop(), self._stop

            def end() -> None:
                with contextlib.suppress(RuntimeError):  # the loop has ended: so will the process
                    loop.call_soon_threadsafe(lambda: stop.ask("lifeline", within_s=LIFELINE_S))

            watch(end)

    async def _live(self, front: Front, listeners: list["asyncio.Task[None]"]) -> None:
        """Open the house, let the public in, close it when the last connection has ended."""
        try:
            async with (
                open_house(
                    self._paths, self._home, self._state, (self._config_file.check,)
                ) as house,
                TaskScope() as tasks,
            ):
                self._write_runtime(house.database_dsn)
                self._state.pending_code = house.application.pending_code
                self._state.health = house.application.health
                front.application = house.application.asgi
                self._state.report(Phase(name="ready"))
                self._welcome(house.application.pending_code())
                tasks.spawn(
                    self._config_file.watch(self._taking(house.application)), name="configuration"
                )
                announcing = tasks.spawn(self._announce(), name="announce")
                if self._home.is_chosen:
                    tasks.spawn(clear_away(self._paths, house.kept), name="clear away")
                await self._stop.wait()
                await house.application.drain(self._stop.jobs_s)
                await asyncio.wait([*listeners, announcing])
        except StartFailed as failure:
            self._state.failure = failure.failure
            try:
                await front.shown()
            finally:  # also when it was too long for whoever stops us
                raise failure

    def _taking(self, application: "Application") -> Callable[[Loaded], None]:
        """Return what lets a changed configuration hold."""

        def take(loaded: Loaded) -> None:
            self._config.now = self._placed(loaded.config)
            set_level(loaded.config.logging.level)
            application.configure(replace(loaded, config=self._config.now))

        return take

    async def _announce(self) -> None:
        """Let others in the network find us, where they can reach us at all."""
        server = self._config.now.server
        if ip_address(server.host).is_loopback:
            return
        service = Service(
            host=server.host,
            port=server.port,
            version=VERSION,
            installation_id=await asyncio.to_thread(installation_id, self._paths.id_file),
        )
        await announce(service, self._stop)

    def _welcome(self, code: str | None) -> None:
        """Say where to go, with the code for the first administrator, to a person at the console."""
        if self._options.is_check:
            _print(1, "ok\n")
            self._stop.ask("check", within_s=COMMAND_S)
        elif not self._options.has_lifeline:
            hint = f"\nTo set it up, open that address and enter the code {code}" if code else ""
            _print(2, f"\nRevenge runs: {self._state.address}{hint}\n\n")

    def _write_runtime(self, database_dsn: str | None) -> None:
        hello = self._handshake
        runtime = Runtime(
            pid=hello.pid,
            started_at_s=own_start_s(),
            control_url=hello.control_url,
            token=hello.token,
            address=self._state.address,
            version=hello.version,
            database_dsn=database_dsn,
        )
        try:
            write_runtime(self._paths.runtime_file, runtime)
        except OSError as error:
            raise unusable(self._paths.runtime_file, "written", error) from error


def _hear_signals(stop: Callable[[str], None], hang_up: Callable[[str], None]) -> None:
    loop = asyncio.get_running_loop()
    for name in _SIGNALS:
        number = getattr(signal, name, None)
        if number is None or (name == "SIGHUP" and signal.getsignal(number) is signal.SIG_IGN):
            continue  # nohup had it ignored
        heard = hang_up if name == "SIGHUP" else stop
        try:
            loop.add_signal_handler(number, heard, name)
        except NotImplementedError:  # Windows
            signal.signal(number, lambda *_, name=name: loop.call_soon_threadsafe(stop, name))


def _print(descriptor: int, text: str) -> None:
    """Print at once; a reader that is gone, or a full disk, does not end the server.

    Not through `sys.stdout`, which would try again at the exit and change its status.
    """
    with contextlib.suppress(OSError):
        os.write(descriptor, text.encode())


def _leaves(group: BaseExceptionGroup[StartFailed]) -> Iterator[StartFailed]:
    for error in group.exceptions:
        if isinstance(error, BaseExceptionGroup):
            yield from _leaves(error)
        else:
            yield error


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop]:
    if sys.platform == "win32":
        import winloop  # noqa: PLC0415 (absent elsewhere)

        return winloop.new_event_loop
    import uvloop  # noqa: PLC0415 (absent on Windows)

    return uvloop.new_event_loop
