"""One tray for each data directory: a second start tells the first to show itself."""

import hashlib
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, Signal
from PySide6.QtNetwork import QLocalServer, QLocalSocket

_CONNECT_MS: Final = 500


class Single(QObject):
    """The first of all starts. `called` tells that another start took place."""

    called = Signal()

    def __init__(self, parent: QObject, data_dir: Path) -> None:
        super().__init__(parent)
        digest = hashlib.sha256(str(data_dir).encode()).hexdigest()[:16]
        self._name = f"revenge-{digest}"
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._hear)

    def is_first(self) -> bool:
        """Return whether nobody was here; who was is told to show itself."""
        socket = QLocalSocket()
        socket.connectToServer(self._name)
        if socket.waitForConnected(_CONNECT_MS):
            socket.disconnectFromServer()
            return False
        QLocalServer.removeServer(self._name)  # what a killed tray left
        return self._server.listen(self._name)

    def _hear(self) -> None:
        while self._server.hasPendingConnections():
            socket = self._server.nextPendingConnection()
            socket.disconnected.connect(socket.deleteLater)
        self.called.emit()
