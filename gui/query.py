"""Work that waits for somebody, off the main thread; what comes of it is told on the main thread."""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, Qt, QThreadPool, Signal, Slot


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
        answer = _Answer()
        answer.came.connect(self._take, Qt.ConnectionType.QueuedConnection)
        answer.failed.connect(self._fail, Qt.ConnectionType.QueuedConnection)
        self._answer = answer

        def run() -> None:
            try:
                answer.came.emit(call())
            except Exception as error:  # noqa: BLE001 (on_error is told, whatever it is)
                answer.failed.emit(error)

        QThreadPool.globalInstance().start(run)

    @Slot(object)
    def _take(self, result: object) -> None:
        self.deleteLater()
        self._on_result(result)

    @Slot(object)
    def _fail(self, error: Exception) -> None:
        self.deleteLater()
        self._on_error(error)


class _Answer(QObject):
    """Outlives the query where that goes first, so that the thread always has whom to tell."""

    came = Signal(object)
    failed = Signal(object)
