"""Work off the main thread, told on it."""

import threading

from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from gui.query import Query


def test_the_result_is_told_on_the_main_thread(qtbot: QtBot) -> None:
    parent, told = QObject(), list[tuple[int, threading.Thread]]()
    Query(
        parent,
        threading.get_ident,
        lambda ident: told.append((ident, threading.current_thread())),
        lambda _: told.append((0, threading.current_thread())),
    )
    qtbot.waitUntil(lambda: bool(told))
    assert told[0][0] != threading.get_ident()
    assert told[0][1] is threading.main_thread()


def test_what_the_call_raises_is_told(qtbot: QtBot) -> None:
    parent, told = QObject(), list[Exception]()
    Query(parent, lambda: 1 // 0, lambda _: None, told.append)
    qtbot.waitUntil(lambda: bool(told))
    assert isinstance(told[0], ZeroDivisionError)


def test_nobody_is_told_once_the_parent_is_gone(qtbot: QtBot) -> None:
    parent, go_on, told = QObject(), threading.Event(), list[object]()
    Query(parent, lambda: go_on.wait(5), told.append, told.append)
    with qtbot.waitSignal(parent.destroyed):
        parent.deleteLater()
    go_on.set()
    qtbot.wait(50)
    assert told == []
