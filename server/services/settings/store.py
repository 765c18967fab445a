"""The statements of settings."""

from typing import Final

from server.kernel.db import Query
from server.kernel.sql import load
from server.services.settings.model import ChangeRow, Chosen

sql = load(__file__)

CHOSEN: Final = Query(sql("chosen"), Chosen)
LOCK: Final = Query(sql("lock"))
CHOOSE: Final = Query(sql("choose"))
RESET: Final = Query(sql("reset"))
ADD_CHANGE: Final = Query(sql("add_change"))
CHANGES: Final = Query(sql("changes"), ChangeRow)
