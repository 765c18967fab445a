"""Work that waits for somebody, off the main thread; what comes of it is told on the main thread."""

from collections.abc import Callable
from contextlib import suppress
from itertools import count
from typing import Any, Final

from msgspec import Struct
from PySide6.QtCore import QCoreApplication, QObject, Qt, QThreadPool, Signal, Slot
from shiboken6 import isValid

_NUMBERS: Final = count()


class Query(QObject):
    """One call on a thread of the pool. `on_error` hears whatever it raises; neither is called once `parent` is gone."""

    def __init__[T](
        self,
        parent: QObject,
        call: Callable[[], T],
        on_result: Callable[[T], object],
        on_error: Callable[[Exception], object],
    ) -> None:
        super().__init__(parent)
        self._on_result: Callable[[Any], object] = on_result
        self._on_error = on_error
        number, post = next(_NUMBERS), _post()
        post.waiting[number] = self

        def run() -> None:
            try:
                answer = _Answer(number, call())
            except Exception as error:  # noqa: BLE001 (on_error is told, whatever it is)
                answer = _Answer(number, error, is_error=True)
            with suppress(RuntimeError):  # the application has ended meanwhile
                post.came.emit(answer)

        QThreadPool.globalInstance().start(run)

    def hear(self, answer: "_Answer") -> None:
        """Tell what came; called once, on the main thread."""
        self.deleteLater()
        (self._on_error if answer.is_error else self._on_result)(answer.value)


class _Answer(Struct, frozen=True):
    """What came of a call: its result, or the error that it raised."""

    number: int
    value: Any
    is_error: bool = False


class _Post(QObject):
    """Brings answers to the main thread. There is one, which threads may use but never free: Qt's objects die where they live."""

    came = Signal(object)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.waiting: dict[int, Query] = {}
        self.came.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    @Slot(object)
    def _deliver(self, answer: _Answer) -> None:
        query = self.waiting.pop(answer.number)
        if isValid(query):
            query.hear(answer)


def _post() -> _Post:
    """Return the post of the application."""
    application = QCoreApplication.instance()
    if application is None:
        raise RuntimeError("queries need an application")
    found = application.findChild(_Post)
    return found if found is not None else _Post(application)
