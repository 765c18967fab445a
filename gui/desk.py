"""All that the tray process shows, and what each deed does."""

import socket
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import urlsplit

import psutil
from PySide6.QtCore import QObject, Qt, QTimer, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QProgressDialog, QWidget

from gui.api import Client, Setup
from gui.around import Around
from gui.autostart import Autostart
from gui.condition import Condition
from gui.diagnosis import gatherer
from gui.errand import Program
from gui.firewall import Wall, is_beyond_loopback, wall_before
from gui.link import Link
from gui.query import Query
from gui.seen import Notice
from gui.texts import t
from gui.tray.presenter import menu, shape, tooltip
from gui.tray.view import Tray
from gui.watch import Watch
from gui.windows.diagnostics.view import DiagnosticsWindow
from gui.windows.libraries.view import LibrariesWindow
from gui.windows.logs.view import LogsWindow
from gui.windows.overview.presenter import Here, overview
from gui.windows.overview.view import OverviewWindow
from gui.windows.profiles.view import ProfilesWindow
from gui.windows.programs.view import ProgramsCard
from gui.windows.server_settings.view import ServerSettingsWindow
from gui.windows.sign_in.view import SignIn
from gui.wizard.steps import Server
from gui.wizard.view import WizardWindow

_LATE_MS: Final = 400
_PANEL_MS: Final = 3_000


class Desk(QObject):
    """The tray and its windows over one link. `left` tells that everything is put away.

    `language_chosen` tells the tag of a language that is spoken from now on.
    """

    left = Signal()
    language_chosen = Signal(str)

    def __init__(
        self,
        parent: QObject,
        link: Link,
        watch: Watch,
        around: Around,
        autostart: Autostart,
        program: Program,
    ) -> None:
        super().__init__(parent)
        self._link = link
        self._watch = watch
        self._around = around
        self._autostart = autostart
        self._program = program
        self._leaving: QProgressDialog | None = None
        self._told = ""
        self._was_ready = False
        self._wall: Wall | None = None
        self.wizard: WizardWindow | None = None
        self._is_setup_known = False
        self._is_failure_shown = False
        self.tray = Tray(self)
        self._make_windows()
        self._deeds: dict[str, Callable[[str], object]] = {
            "open": lambda _: self._open(),
            "other": lambda address: QDesktopServices.openUrl(QUrl(address)),
            "sign_in": lambda _: self._sign_in(),
            "sign_out": lambda _: watch.sign_out(),
            "libraries": lambda _: _raise(self.libraries),
            "profiles": lambda _: _raise(self.profiles),
            "settings": lambda _: _raise(self.settings),
            "scan": lambda _: self._scan(),
            "stop": self._stop,
            "pause": lambda _: self._pause(),
            "health": lambda _: _raise(self.overview),
            "logs": lambda _: _raise(self.logs),
            "diagnostics": lambda _: _raise(self.diagnostics),
            "open_path": lambda path: QDesktopServices.openUrl(QUrl.fromLocalFile(path)),
            "autostart": lambda _: self._switch_autostart(),
            "restart": lambda _: link.restart(),
            "other_port": lambda port: link.start_on(int(port)),
            "quit": lambda _: self._quit(),
        }
        self.tray.chosen.connect(self._do)
        self.tray.opening.connect(watch.look)
        self.tray.opening.connect(around.look)
        around.changed.connect(self._present)
        link.changed.connect(self._follow)
        link.ended.connect(self._gone)
        watch.changed.connect(lambda _: self._present())
        watch.kept.connect(self._present)
        watch.noticed.connect(self.tray.notify)
        watch.failed.connect(self._tell_failure)
        self._present()
        self.tray.show()
        QTimer.singleShot(_PANEL_MS, self, self._require_panel)

    def show(self) -> None:
        """Come to the front: what a second start asks for."""
        if self._is_unclaimed() or self.wizard is not None:
            self.open_wizard()
        else:
            _raise(self.overview)

    def open_wizard(self) -> None:
        """Begin the setup, or go on with it."""
        self._is_setup_known = True  # once closed it stays so, until it is asked for
        if self.wizard is None:
            self.wizard = WizardWindow(self._link.condition, self._watch.session)
            self.wizard.signed_in.connect(self._watch.sign_in)
            self.wizard.language_chosen.connect(self._speak)
            self.wizard.finished.connect(self._end_wizard)
        _raise(self.wizard)

    def leave(self) -> None:
        """Stop the server if it is ours and put everything away; says so where that takes a moment."""
        if self._leaving is not None:
            return
        for window in (*self._windows, self.wizard):
            if window is not None:
                window.hide()
        self._leaving = QProgressDialog(t("quit.stopping"), "", 0, 0)
        self._leaving.setCancelButton(None)
        self._leaving.setWindowTitle(t("app.name"))
        self._leaving.setMinimumDuration(_LATE_MS)
        self._link.stop()

    def _quit(self) -> None:
        """Leave, unless the settings ask what is to become of those that are not saved."""
        if self.settings.close():
            self.leave()
        else:
            _raise(self.settings)

    def _do(self, deed: str, target: str) -> None:
        self._deeds[deed](target)

    def _make_windows(self) -> None:
        """Make the windows in the words of the language."""
        self.overview = OverviewWindow()
        self.overview.stop_asked.connect(self._stop)
        self.overview.opened.connect(self._present)
        self.overview.opened.connect(self._look_at_wall)
        self.overview.closed.connect(self._close)
        self.overview.chosen.connect(self._do)
        programs = ProgramsCard(self._program, self._link.restart)
        self.overview.add(programs)
        self.overview.opened.connect(programs.programs.look)
        self.logs = LogsWindow(lambda: self._link.control)
        self.libraries, self.profiles = LibrariesWindow(), ProfilesWindow()
        self.settings = ServerSettingsWindow()
        gather = gatherer(self._program.command, self._program.folder)
        self.diagnostics = DiagnosticsWindow(lambda: self._link.control, gather)
        self._windows = (
            self.overview,
            self.logs,
            self.libraries,
            self.profiles,
            self.settings,
            self.diagnostics,
        )

    def _speak(self, tag: str) -> None:
        self.language_chosen.emit(tag)
        for window in self._windows:
            window.deleteLater()
        self._make_windows()
        self._present()

    def _end_wizard(self, opens: bool) -> None:  # noqa: FBT001 (Qt's signal)
        if self.wizard is not None:
            self.wizard.deleteLater()
            self.wizard = None
        if opens:
            QDesktopServices.openUrl(QUrl(self._link.address))
        if not self.tray.is_seen:
            _raise(self.overview)

    def _open(self) -> None:
        """Open the pages; what nobody has claimed yet is set up first."""
        if self._is_unclaimed():
            self.open_wizard()
        else:
            QDesktopServices.openUrl(QUrl(self._link.address))

    def _is_unclaimed(self) -> bool:
        status = self._link.condition.status
        return status is not None and status.setup_code is not None

    def _ask_for_setup(self) -> None:
        """Once: a server whose setup is not through needs somebody."""
        self._is_setup_known = True
        client = Client(self._link.address)
        Query(
            self,
            lambda: client.get("/api/v1/setup", Setup).is_complete,
            lambda is_complete: None if is_complete else self.open_wizard(),
            lambda _: None,
        )

    def _require_panel(self) -> None:
        """Show a window where no panel takes the mark: else nobody would know of us."""
        if not self.tray.is_seen:
            self.show()

    def _close(self) -> None:
        """The last window is closed: where there is no mark, that is the way to quit."""
        if not self.tray.is_seen:
            self.leave()

    def _gone(self) -> None:
        if self._leaving is not None:
            self._leaving.close()
        self.tray.icon.hide()
        self.left.emit()

    def _follow(self, condition: Condition) -> None:
        """Show how the server fares; tell it too where it fails, once for each reason."""
        self._present()
        if condition.situation == "failed" and condition.reason != self._told:
            self._told = condition.reason
            self.tray.notify(Notice(title=t("situation.failed"), text=condition.reason))
        elif condition.is_ready:
            self._told = ""
        if condition.is_ready and not self._was_ready:
            self._look_at_wall()
        self._was_ready = condition.is_ready
        if self.wizard is not None:
            self.wizard.hear(condition)
        if condition.is_ready and not self._is_setup_known:
            self._ask_for_setup()
        self._show_failure(condition)

    def _show_failure(self, condition: Condition) -> None:
        """Show it once where the server never came up: who has just started it waits for something to be seen."""
        if condition.situation == "failed" and not self._is_failure_shown:
            _raise(self.overview)
        self._is_failure_shown |= condition.is_ready or condition.situation == "failed"

    def _present(self) -> None:
        condition, seen = self._link.condition, self._watch.seen
        entries = menu(
            condition,
            seen,
            starts_at_login=self._autostart.is_on(),
            others=self._around.found,
        )
        session = self._watch.session
        token = session.token if session and condition.is_ready else ""
        server = Server(address=self._link.address, token=token)
        self.libraries.connect_to(server)
        self.profiles.connect_to(server)
        self.settings.connect_to(server)
        self.tray.present(shape(condition, seen), tooltip(condition, seen), entries)
        if self.overview.isVisible():
            self.overview.present(overview(condition, seen, self._here()))

    def _here(self) -> Here:
        session = self._watch.session
        return Here(
            lan_hosts=lan_hosts(),
            wall=self._wall,
            user=session.name if session else "",
            is_session_in_file=self._watch.is_session_in_file,
        )

    def _look_at_wall(self) -> None:
        """Look whether a firewall keeps the network from the server."""
        status = self._link.condition.status
        if status and is_beyond_loopback(status.host):
            port = urlsplit(status.address).port or 0
            Query(self, lambda: wall_before(port), self._take_wall, lambda _: None)

    def _take_wall(self, wall: Wall | None) -> None:
        self._wall = wall
        self._present()

    def _sign_in(self) -> None:
        dialog = SignIn(self._link.address)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.signed_in.connect(self._watch.sign_in)
        _raise(dialog)
        self._dialog = dialog

    def _scan(self) -> None:
        paths = [f"/api/v1/libraries/{one.library_id}/scan" for one in self._watch.seen.libraries]

        def scan(client: Client) -> None:
            for path in paths:
                client.tell("POST", path)

        self._watch.ask(scan)

    def _stop(self, session_id: str) -> None:
        path = f"/api/v1/playback/sessions/{session_id}"
        self._watch.ask(lambda client: client.tell("DELETE", path))

    def _pause(self) -> None:
        body: dict[str, Any] = {"is_paused": not self._watch.seen.is_paused}
        self._watch.ask(lambda client: client.tell("PUT", "/api/v1/background-work", body))

    def _switch_autostart(self) -> None:
        try:
            self._autostart.switch(on=not self._autostart.is_on())
        except OSError as error:
            self._tell_failure(t("autostart.failed", reason=error.strerror or str(error)))
        self._present()

    def _tell_failure(self, text: str) -> None:
        self.tray.notify(Notice(title=t("notice.failed"), text=text))


def lan_hosts() -> list[str]:
    """Return the IPv4 addresses of this computer."""
    cards = psutil.net_if_addrs().values()
    return [one.address for card in cards for one in card if one.family == socket.AF_INET]


def _raise(window: QWidget) -> None:
    window.show()
    window.raise_()
    window.activateWindow()
