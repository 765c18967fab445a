"""The statements of films and the types of their rows."""

from typing import Final

from server.kernel.db import Query
from server.kernel.sql import load
from server.modules.movie.model import MovieRow

sql = load(__file__)

GET: Final = Query(sql("get"), MovieRow)

PLACE: Final = Query(sql("place"))
