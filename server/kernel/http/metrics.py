"""The numbers of the server over HTTP, for Prometheus on this machine and for administrators."""

from typing import Final

from server.kernel.http.api import Permission, route
from server.kernel.http.stream import BytesReply
from server.kernel.metrics import MEDIA_TYPE, Metrics

READ: Final = Permission(
    "metrics:read",
    "Read the numbers of the server for Prometheus",
    is_for_members=False,
    is_open_here=True,
)


class MetricsRoutes:
    """One route, where Prometheus looks for it."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics

    @route("GET", "/metrics", permission=READ, media_type=MEDIA_TYPE)
    async def read(self) -> BytesReply:
        """Return the numbers of the server in Prometheus' text format.

        Programs on the same machine that ask the server directly, past no proxy, need no sign-in.
        """
        content = await self._metrics.text()
        return BytesReply(content=content, media_type=MEDIA_TYPE, cache_control="no-store")
