"""Finds the film that a file beside it belongs to, by the beginning of its name."""

import re
from collections.abc import Iterable, Mapping
from typing import Final

from msgspec import Struct

_LAST_WORD = re.compile(r"[ ._\-(\[{][^ ._\-(\[{]*$")
_GENERIC: Final = frozenset({"", "movie", "video_ts", "index", "bdmv"})


class Owner(Struct, frozen=True):
    """A film by its place among those of its folder, and which of its videos; None means all of them."""

    film: int
    video: int | None = None


class Owners:
    """The films of one folder by the names that files beside them may begin with."""

    def __init__(self, names: Iterable[tuple[str, Owner]], *, only: Owner | None) -> None:
        """`only` is the one film of a folder of its own, to which everything there belongs."""
        self._names: Mapping[str, Owner] = {name.casefold(): owner for name, owner in names}
        self.only = only

    def of(self, stem: str) -> tuple[Owner, str] | None:
        """Return who owns a file of this name, and the rest of the name; the longest beginning counts."""
        folded = stem.casefold()
        if len(folded) != len(stem):  # a few letters fold into two: lengths would not fit
            stem = folded
        begin = folded
        while begin:
            if owner := self._names.get(begin):
                return owner, stem[len(begin) :]
            begin = _LAST_WORD.sub("", begin, count=1) if _LAST_WORD.search(begin) else ""
        if self.only and folded in _GENERIC:
            return self.only, ""
        return None
