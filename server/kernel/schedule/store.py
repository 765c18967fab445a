"""The statements of the schedule."""

from datetime import datetime
from typing import Final

from server.kernel.db import Query
from server.kernel.sql import load

sql = load(__file__)

BEGIN: Final = Query(sql("begin"), datetime)
TAKE: Final = Query(sql("take"))
