"""The Qt application: its palette, its letters, its language; dark or light after the system or a setting."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from PySide6.QtCore import QLocale, QSettings, Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QPalette
from PySide6.QtWidgets import QApplication

from gui.icons import window_icon
from gui.look import TOKENS, Scheme, style_sheet
from gui.texts import speak

_FAMILIES: Final = ("Inter Variable", "Inter")
_SIZE_PX: Final = 14
_ROLES: Final = {
    QPalette.ColorRole.Window: "ground",
    QPalette.ColorRole.WindowText: "text",
    QPalette.ColorRole.Base: "surface",
    QPalette.ColorRole.AlternateBase: "raised",
    QPalette.ColorRole.Text: "text",
    QPalette.ColorRole.PlaceholderText: "faint",
    QPalette.ColorRole.Button: "raised",
    QPalette.ColorRole.ButtonText: "text",
    QPalette.ColorRole.Highlight: "accent",
    QPalette.ColorRole.HighlightedText: "on_accent",
    QPalette.ColorRole.ToolTipBase: "raised",
    QPalette.ColorRole.ToolTipText: "text",
    QPalette.ColorRole.Link: "info",
    QPalette.ColorRole.Mid: "line",
}


class Application(QApplication):
    """The one application of the process; `settings_file` keeps what the user chose for the windows."""

    def __init__(self, arguments: Sequence[str], settings_file: Path) -> None:
        super().__init__(list(arguments))
        self.settings = QSettings(str(settings_file), QSettings.Format.IniFormat)
        self.setApplicationName("Revenge")
        self.setDesktopFileName("revenge")
        self.setQuitOnLastWindowClosed(False)
        self.setStyle("Fusion")
        self.setFont(_font())
        self.setWindowIcon(window_icon())
        speak(str(self.settings.value("language", "")) or QLocale.system().name())
        self.styleHints().colorSchemeChanged.connect(self.dress)
        self.dress()

    @property
    def scheme(self) -> Scheme:
        """Dark or light: the setting `scheme`, else the system's; dark where it says nothing."""
        chosen = self.settings.value("scheme", "")
        if chosen in TOKENS.colour:
            return "light" if chosen == "light" else "dark"
        is_light = self.styleHints().colorScheme() == Qt.ColorScheme.Light
        return "light" if is_light else "dark"

    def dress(self) -> None:
        """Put on the colours of the scheme."""
        self.setPalette(palette(self.scheme))
        self.setStyleSheet(style_sheet(self.scheme))


def palette(scheme: Scheme) -> QPalette:
    """Return the palette of a scheme."""
    colours = TOKENS.colour[scheme]
    made = QPalette()
    for role, name in _ROLES.items():
        made.setColor(role, QColor(getattr(colours, name)))
    disabled = QPalette.ColorGroup.Disabled
    for role in (
        QPalette.ColorRole.Text,
        QPalette.ColorRole.ButtonText,
        QPalette.ColorRole.WindowText,
    ):
        made.setColor(disabled, role, QColor(colours.faint))
    return made


def _font() -> QFont:
    """Return Inter where the system has it, else the system's own."""
    here = set(QFontDatabase.families())
    font = QFont()
    font.setFamilies([*(name for name in _FAMILIES if name in here), font.family()])
    font.setPixelSize(_SIZE_PX)
    return font
