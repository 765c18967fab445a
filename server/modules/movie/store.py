"""The statements of films and the types of their rows."""

from typing import Final

from server.kernel.db import Query
from server.kernel.sql import load
from server.modules.movie.model import MovieRow

sql = load(__file__)

GET: Final = Query(sql("get"), MovieRow)

PLACE: Final = Query(sql("place"))
FORGET_VERSIONS: Final = Query(sql("forget_versions"))
PLACE_VERSIONS: Final = Query(sql("place_versions"))
PLACE_EXTRAS: Final = Query(sql("place_extras"))
