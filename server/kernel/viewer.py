"""Who asks: computed once per request, taken as a parameter by everything shared."""

from uuid import UUID

from msgspec import Struct


class Viewer(Struct, frozen=True, kw_only=True):
    """The rights of one profile in one realm; `library_ids` are the libraries that it may know of."""

    user_id: UUID
    profile_id: UUID
    profile_name: str
    session_id: UUID
    realm: str
    permissions: frozenset[str]
    library_ids: tuple[UUID, ...]
    max_level: int
    language: str

    def may(self, permission: str) -> bool:
        """Return whether the viewer holds the permission."""
        return permission in self.permissions
