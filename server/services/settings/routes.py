"""Settings over HTTP."""

from server.kernel.http.api import PUBLIC, Call, route
from server.services.settings.model import (
    EDIT,
    AllSettings,
    ChangesQuery,
    PublicSettings,
    SectionNotFound,
    SettingChanges,
    SettingPinned,
    SettingsEdit,
    SettingsSection,
)
from server.services.settings.service import SettingsService


class SettingsRoutes:
    """How the server works, as administrators want it."""

    def __init__(self, settings: SettingsService) -> None:
        self._settings = settings

    @route("GET", "/settings", permission=EDIT)
    async def all(self, call: Call) -> AllSettings:
        """All settings with the schemas of their forms."""
        return self._settings.all(call.language)

    @route("PATCH", "/settings", permission=EDIT, raises=(SectionNotFound, SettingPinned))
    async def change(self, call: Call, body: SettingsEdit) -> SettingsSection:
        """Change some settings of a section, all or none of them. They hold at once."""
        return await self._settings.change(call.viewer, call.language, body)

    @route("GET", "/settings/public", permission=PUBLIC)
    async def public(self) -> PublicSettings:
        """The settings that anybody may read, such as the name of the server."""
        return self._settings.public()

    @route("GET", "/settings/changes", permission=EDIT)
    async def changes(self, call: Call, query: ChangesQuery) -> SettingChanges:
        """Who changed what, the latest first."""
        return await self._settings.changes(call.language, query)
