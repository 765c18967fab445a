"""Colours and sizes of every window, from the same tokens as the pages."""

from pathlib import Path
from typing import Final, Literal

import msgspec
from msgspec import Struct

Scheme = Literal["dark", "light"]
Shape = Literal["sail", "sail-broken", "sail-dot"]
"""The mark: well; degraded, the ring broken; needs you, a dot. The shape tells, not the colour."""


class Colours(Struct, frozen=True):
    """One scheme, each as `#RRGGBB`."""

    ground: str
    surface: str
    raised: str
    line: str
    text: str
    muted: str
    faint: str
    accent: str
    on_accent: str
    info: str
    good: str
    warn: str
    bad: str
    focus: str


class Tokens(Struct, frozen=True):
    """What windows use of the tokens."""

    colour: dict[Scheme, Colours]
    space_px: int
    radius_px: dict[Literal["control", "card", "sheet"], int]


RESOURCES: Final = Path(__file__).parent / "resources"
TOKENS: Final = msgspec.json.decode((RESOURCES / "tokens.json").read_bytes(), type=Tokens)


def style_sheet(scheme: Scheme) -> str:
    """Return the style sheet of the whole application.

    A widget says what it is by its property `part`: title, heading, muted, bad, card, primary.
    The balloon of a panel without notifications is pale yellow in every scheme, as Qt draws it.
    """
    c, radius = TOKENS.colour[scheme], TOKENS.radius_px
    tick, up, down, lock = (
        (RESOURCES / "icons" / f"{name}-{scheme}.svg").as_posix()
        for name in ("tick", "up", "down", "lock")
    )
    return f"""
QWidget {{ color: {c.text}; font-size: 14px; }}
QWidget#window, QDialog, QMessageBox {{ background: {c.ground}; }}
QScrollArea, QScrollArea > QWidget > QWidget#page {{ background: {c.ground}; border: none; }}
QLabel {{ background: transparent; }}
QLabel[part="title"] {{ font-size: 25px; font-weight: 600; }}
QLabel[part="heading"] {{ font-size: 16px; font-weight: 600; }}
QLabel[part="muted"] {{ color: {c.muted}; }}
QLabel[part="faint"] {{ color: {c.faint}; }}
QLabel[part="good"] {{ color: {c.good}; }}
QLabel[part="warn"] {{ color: {c.warn}; }}
QLabel[part="bad"] {{ color: {c.bad}; }}
QFrame[part="card"] {{
    background: {c.surface}; border: 1px solid {c.line}; border-radius: {radius["card"]}px;
}}
QPushButton {{
    background: {c.raised}; border: 1px solid {c.line}; border-radius: {radius["control"]}px;
    padding: 6px 14px; min-height: 20px;
}}
QPushButton:hover {{ border-color: {c.muted}; }}
QPushButton:disabled {{ color: {c.faint}; }}
QPushButton[part="primary"] {{
    background: {c.accent}; color: {c.on_accent}; border-color: {c.accent}; font-weight: 600;
}}
QPushButton[part="primary"]:disabled {{
    background: {c.raised}; color: {c.faint}; border-color: {c.line};
}}
QPushButton[part="quiet"] {{ background: transparent; color: {c.muted}; border-color: transparent; }}
QPushButton[part="quiet"]:hover {{ color: {c.text}; border-color: {c.line}; }}
QPushButton:focus, QLineEdit:focus, QComboBox:focus, QSpinBox:focus, QPlainTextEdit:focus, QListView:focus {{
    border: 2px solid {c.focus};
}}
QPushButton:focus {{ padding: 5px 13px; }}
QLineEdit, QComboBox, QSpinBox, QPlainTextEdit, QListView, QTableView {{
    background: {c.surface}; border: 1px solid {c.line}; border-radius: {radius["control"]}px;
    selection-background-color: {c.accent}; selection-color: {c.on_accent};
}}
QLineEdit, QComboBox, QSpinBox {{ padding: 6px 8px; min-height: 20px; }}
QLineEdit:focus, QComboBox:focus, QSpinBox:focus {{ padding: 5px 7px; }}
QLineEdit[part="fixed"], QLineEdit[part="pinned"] {{ background: {c.ground}; color: {c.muted}; }}
QLineEdit[part="pinned"] {{ image: url({lock}); image-position: left; }}
QComboBox {{ combobox-popup: 0; }}
QComboBox QListView, QComboBox QListView:focus {{ padding: 0; border: 1px solid {c.line}; border-radius: 0; }}
QComboBox::drop-down {{ border: none; width: 26px; }}
QComboBox::down-arrow, QSpinBox::down-arrow {{ image: url({down}); width: 12px; height: 12px; }}
QSpinBox::up-arrow {{ image: url({up}); width: 12px; height: 12px; }}
QSpinBox::up-button, QSpinBox::down-button {{ background: transparent; border: none; width: 26px; }}
QSpinBox::up-button:hover, QSpinBox::down-button:hover {{ background: {c.raised}; }}
QPlainTextEdit {{ padding: 4px; }}
QProgressBar {{
    background: {c.raised}; border: 1px solid {c.line}; border-radius: 4px;
    min-height: 6px; max-height: 6px; text-align: center;
}}
QProgressBar::chunk {{ background: {c.accent}; border-radius: 3px; }}
QScrollBar {{ background: transparent; border: none; }}
QScrollBar:vertical {{ width: 10px; }}
QScrollBar:horizontal {{ height: 10px; }}
QScrollBar::handle {{ background: {c.line}; border-radius: 4px; margin: 1px; }}
QScrollBar::handle:vertical {{ min-height: 32px; }}
QScrollBar::handle:horizontal {{ min-width: 32px; }}
QScrollBar::handle:hover {{ background: {c.faint}; }}
QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
QMenu {{ background: {c.surface}; border: 1px solid {c.line}; padding: 4px; }}
QMenu::item {{ padding: 6px 28px 6px 24px; border-radius: {radius["control"]}px; }}
QMenu::item:selected {{ background: {c.accent}; color: {c.on_accent}; }}
QMenu::item:disabled {{ color: {c.faint}; background: transparent; }}
QMenu::separator {{ height: 1px; background: {c.line}; margin: 4px 8px; }}
QFrame[part="side"] {{ background: {c.surface}; border: none; border-right: 1px solid {c.line}; }}
QLabel[part="mark"] {{
    border: 1px solid {c.line}; border-radius: 14px; color: {c.muted}; font-size: 12px; font-weight: 600;
}}
QLabel[part="mark-now"] {{
    border: 1px solid {c.accent}; border-radius: 14px; background: {c.accent}; color: {c.on_accent};
    font-size: 12px; font-weight: 600;
}}
QLabel[part="mark-done"] {{ border: 1px solid {c.good}; border-radius: 14px; color: {c.good}; font-weight: 600; }}
QLabel[part="now"] {{ font-weight: 600; }}
QRadioButton, QCheckBox {{ spacing: 8px; background: transparent; padding: 2px; border: 2px solid transparent; }}
QRadioButton::indicator, QCheckBox::indicator {{
    width: 14px; height: 14px; border: 2px solid {c.muted}; background: {c.surface};
}}
QRadioButton::indicator {{ border-radius: 9px; }}
QRadioButton:disabled {{ color: {c.faint}; }}
QCheckBox::indicator {{ border-radius: 4px; }}
QRadioButton::indicator:checked {{
    border-color: {c.accent};
    background: qradialgradient(cx: 0.5, cy: 0.5, radius: 0.5, fx: 0.5, fy: 0.5,
        stop: 0 {c.accent}, stop: 0.55 {c.accent}, stop: 0.65 {c.surface}, stop: 1 {c.surface});
}}
QCheckBox::indicator:checked {{ border-color: {c.accent}; background: {c.accent}; image: url({tick}); }}
QRadioButton:focus, QCheckBox:focus {{ border-color: {c.focus}; border-radius: {radius["control"]}px; }}
QListView {{ padding: 4px; outline: none; }}
QListView::item {{ padding: 6px 8px; border-radius: {radius["control"]}px; }}
QListView::item:selected {{
    background: {c.raised}; color: {c.text}; border-left: 3px solid {c.accent};
}}
QTabWidget::pane {{ border: none; border-top: 1px solid {c.line}; }}
QTabBar::tab {{ padding: 8px 14px; color: {c.muted}; background: transparent; border-bottom: 2px solid transparent; }}
QTabBar::tab:selected {{ color: {c.text}; border-bottom-color: {c.accent}; }}
QTabBar::tab:focus {{ color: {c.text}; border-bottom-color: {c.focus}; }}
QLineEdit[part="pin"] {{ font-size: 25px; min-height: 36px; }}
QBalloonTip QPushButton {{ background: transparent; border: none; padding: 0; min-height: 0; }}
QBalloonTip QLabel {{ color: {TOKENS.colour["light"].text}; }}
QToolTip {{ background: {c.raised}; color: {c.text}; border: 1px solid {c.line}; padding: 4px; }}
"""
