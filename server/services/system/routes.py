"""The server's own machinery over HTTP."""

from msgspec.structs import replace

from server.kernel.http.api import Call, route
from server.kernel.messages import Messages
from server.services.system.model import READ, Cause, Program, System
from server.services.system.service import SystemService


class SystemRoutes:
    """One view on all of it."""

    def __init__(self, system: SystemService, messages: Messages) -> None:
        self._system = system
        self._messages = messages

    @route("GET", "/system", permission=READ)
    async def now(self, call: Call) -> System:
        """How the server, the programs beside it, its computer and its disks fare, seen within two seconds."""
        found = await self._system.now()
        programs = [self._in_words(one, call.language) for one in found.programs]
        return replace(found, programs=programs)

    def _in_words(self, program: Program, language: str) -> Program:
        if program.code is None or program.code not in Cause:
            return program
        return replace(program, reason=self._messages.text(language, program.code, {}).detail)
