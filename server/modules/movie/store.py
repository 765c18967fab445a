"""The statements of films and the types of their rows."""

from typing import Final
from uuid import UUID

from server.kernel.db import Query
from server.kernel.sql import load
from server.modules.movie.model import MovieRow
from server.services.catalog.offer import SearchText

sql = load(__file__)

DETAILS: Final = Query(sql("details"), MovieRow)
DOCUMENTS: Final = Query(sql("documents"), SearchText)

PLACE: Final = Query(sql("place"), UUID)
FORGET_VERSIONS: Final = Query(sql("forget_versions"), UUID)
PLACE_VERSIONS: Final = Query(sql("place_versions"), UUID)
PLACE_EXTRAS: Final = Query(sql("place_extras"), UUID)
