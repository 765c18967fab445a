"""The statements of the setup, with the types of their rows."""

from server.kernel.db import Query
from server.kernel.sql import load
from server.services.setup.model import StepRow

sql = load(__file__)

DECIDED = Query(sql("decided"), StepRow)
DECIDE = Query(sql("decide"), None)
