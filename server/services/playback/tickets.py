"""Tickets in addresses: they let whoever has no cookie read one stream, until nobody has for ten minutes."""

import hashlib
import secrets
import time
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from itsdangerous import BadSignature, Signer

from server.kernel.clock import Clock
from server.kernel.http.guard import Gate
from server.kernel.ids import new_id
from server.kernel.viewer import Viewer
from server.services.playback.model import PlaySessionStopped, TicketOver

LIFE_S: Final = 600.0
_MOST: Final = 10_000
"""Tickets of a few bytes each; the oldest are forgotten."""


class Lease:
    """What a ticket stands for: a file that somebody may read. `token` is the sign-in that asked for it."""

    def __init__(self, lease_id: UUID, viewer: Viewer, token: str, file_id: UUID) -> None:
        self._used_at_s = time.monotonic()
        self.lease_id = lease_id
        self.viewer = viewer
        self.token = token
        self.file_id = file_id
        self.is_stopped = False

    @property
    def is_over(self) -> bool:
        """Return whether nobody has used it for too long."""
        return time.monotonic() - self._used_at_s > LIFE_S

    def use(self) -> None:
        """Note that somebody uses it now."""
        self._used_at_s = time.monotonic()


class Tickets:
    """Gives tickets and reads them. They end with the sign-in that they were asked for with."""

    def __init__(
        self, gate: Gate, clock: Clock, *, secret: str | None, api_prefix: str = "/api/v1"
    ) -> None:
        self._gate = gate
        self._clock = clock
        self._api_prefix = api_prefix
        self._signer = Signer(
            secret or secrets.token_bytes(32), salt="revenge.stream", digest_method=hashlib.sha256
        )
        self._leases: dict[UUID, Lease] = {}

    def lease(self, viewer: Viewer, token: str, file_id: UUID) -> Lease:
        """Return a new lease of a file."""
        lease = Lease(new_id(), viewer, token, file_id)
        self._leases[lease.lease_id] = lease
        if len(self._leases) > _MOST:
            self._leases.pop(next(iter(self._leases)))
        return lease

    def address(self, lease: Lease) -> str:
        """Return where a lease is used: the beginning of addresses, with its ticket."""
        ticket = self._signer.sign(lease.lease_id.hex).decode()
        return f"{self._api_prefix}/stream/{ticket}"

    def expires_at(self) -> datetime:
        """Return until when a ticket that is given now must be used."""
        return self._clock.now() + timedelta(seconds=LIFE_S)

    def end(self, lease: Lease) -> None:
        """Have a ticket open nothing any more."""
        if not lease.is_stopped:
            self._leases.pop(lease.lease_id, None)

    def stop(self, lease: Lease) -> None:
        """Have a ticket tell that its film was stopped, as long as it would have held."""
        lease.is_stopped = True

    async def read(self, ticket: str, shown_token: str | None) -> Lease:
        """Return the lease of a ticket with the rights that its viewer has by now, and note its use.

        Who shows a sign-in of their own must be the one who asked for the ticket. Raises: TicketOver, PlaySessionStopped.
        """
        lease = self._leases.get(self._lease_id(ticket))
        if lease is None or lease.is_over:
            raise TicketOver
        viewer = await self._gate.viewer(shown_token or lease.token)
        if viewer is None or viewer.profile_id != lease.viewer.profile_id:
            raise TicketOver
        if lease.is_stopped:
            raise PlaySessionStopped
        lease.viewer = viewer
        lease.use()
        return lease

    def _lease_id(self, ticket: str) -> UUID:
        try:
            return UUID(hex=self._signer.unsign(ticket).decode())
        except (BadSignature, ValueError) as error:
            raise TicketOver from error
