"""The statements of the view on the server's own machinery."""

from typing import Final

from msgspec import Struct

from server.kernel.db import Query
from server.kernel.sql import load

sql = load(__file__)


class PlaceRow(Struct, frozen=True, kw_only=True):
    """A folder of a library."""

    library: str
    path: bytes


VERSION: Final = Query(sql("version"), str)
PLACES: Final = Query(sql("places"), PlaceRow)
