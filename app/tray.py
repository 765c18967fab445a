"""The tray process: Qt only. It looks after a server that runs as its child, or that runs already."""

import gc
import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path

import platformdirs
from PySide6.QtCore import QTimer

from app.failure import StartFailed
from app.paths import Paths, environment, find_paths, is_there, prepare_data_dir
from gui.application import Application
from gui.around import Around
from gui.autostart import autostart
from gui.desk import Desk
from gui.errand import Program
from gui.keeper import Keeper
from gui.link import Link
from gui.session import SessionFile
from gui.single import Single
from gui.watch import Watch

_HOME = Path(__file__).parents[1]
_HEED_MS = 200
_COLLECT_MS = 5_000


def run() -> int:
    """Run the tray until it is left; a second start only shows the first. Raises: StartFailed."""
    _require_display()
    paths = find_paths()
    with suppress(StartFailed):  # the server will say it, in a window
        prepare_data_dir(paths)
    application = Application(sys.argv[:1], paths.desktop_settings_file)
    single = Single(application, paths.data_dir)
    if not single.is_first():
        return 0
    desk, link = _furnish(application, paths)
    single.called.connect(desk.show)
    desk.left.connect(application.quit)
    desk.language_chosen.connect(partial(application.settings.setValue, "language"))
    _hear_signals(application, desk.leave)
    _collect_here(application)
    if _is_new(paths):  # there is something to look at at once
        desk.open_wizard()
    QTimer.singleShot(0, link.start)
    return application.exec()


def _is_new(paths: Paths) -> bool:
    """Return whether this is the very first start, and one that can succeed."""
    return os.access(paths.data_dir, os.W_OK) and not is_there(paths.secrets_file)


def _require_display() -> None:
    """Say it before Qt does, which would abort. Raises: StartFailed."""
    named = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    if sys.platform == "linux" and not any(environment.get(name) for name in named):
        raise StartFailed(
            "There is no display here. Type “revenge-server serve” to run without windows."
        )


def _furnish(application: Application, paths: Paths) -> tuple[Desk, Link]:
    server, tray = _commands()
    ours = Program(command=server, folder=_HOME)
    link = Link(application, paths.runtime_file, [*server, "serve", "--lifeline"], _HOME)
    around = Around(application, ours, paths.id_file)
    keeper = Keeper(application, ours, SessionFile(paths.desktop_session_file))
    application.aboutToQuit.connect(keeper.close)
    watch = Watch(application, link, keeper)
    config_dir = Path(platformdirs.user_config_dir())
    at_login = autostart(sys.platform, Path.home(), config_dir, tray)
    return Desk(application, link, watch, around, at_login, ours), link


def _commands() -> tuple[list[str], list[str]]:
    """Return how to start the server and the tray: the programs beside us when frozen, else this source."""
    if getattr(sys, "frozen", False):
        here = Path(sys.executable)
        return [str(here.with_name(f"revenge-server{here.suffix}"))], [str(here)]
    return [sys.executable, "-m", "app"], [sys.executable, str(_HOME / "dev.py"), "run"]


def _collect_here(application: Application) -> None:
    """Have what refers to itself be freed on this thread alone: a widget that another one frees ends the process."""
    gc.disable()
    collecting = QTimer(application, interval=_COLLECT_MS)
    collecting.timeout.connect(gc.collect)
    collecting.start()


def _hear_signals(application: Application, leave: Callable[[], None]) -> None:
    """Leave in peace when told to; Python hears signals only between two of its own lines, so give it some."""
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is not None:
            signal.signal(number, lambda *_: leave())
    heed = QTimer(application, interval=_HEED_MS)
    heed.timeout.connect(lambda: None)
    heed.start()
