"""The look of the windows."""

import pytest
from PySide6.QtGui import QPalette
from pytestqt.qtbot import QtBot

from gui.application import palette
from gui.icons import panel_icon, window_icon
from gui.look import TOKENS, Scheme, Shape, style_sheet


@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_palette_and_style_sheet_come_from_the_tokens(qtbot: QtBot, scheme: Scheme) -> None:
    made = palette(scheme)
    colours = TOKENS.colour[scheme]
    assert made.color(QPalette.ColorRole.Window).name().upper() == colours.ground
    assert made.color(QPalette.ColorRole.Highlight).name().upper() == colours.accent
    assert colours.focus in style_sheet(scheme)


@pytest.mark.parametrize("shape", ["sail", "sail-broken", "sail-dot"])
def test_the_mark_is_drawn_at_the_size_of_a_panel(qtbot: QtBot, shape: Shape) -> None:
    dark, light = panel_icon(shape, on_dark=True), panel_icon(shape, on_dark=False)
    assert not dark.pixmap(16, 16).toImage().allGray() or dark.isMask()
    assert dark.pixmap(16, 16).toImage() != light.pixmap(16, 16).toImage()
    assert dark.pixmap(16, 16).toImage() != window_icon().pixmap(16, 16).toImage()
