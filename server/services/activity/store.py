"""The statements of the activity log."""

from typing import Final

from server.kernel.db import Query
from server.kernel.sql import load
from server.services.activity.model import ActivePerson, ActivityRow

sql = load(__file__)

NOTE: Final = Query(sql("note"))
PAGE: Final = Query(sql("page"), ActivityRow)
PEOPLE: Final = Query(sql("people"), ActivePerson)
MAKE_MONTH: Final = Query(sql("make_month"), bool)
FORGET: Final = Query(sql("forget"), bool)
