"""The statements of playback and the types of their rows."""

from typing import Final

from server.kernel.db import Query
from server.kernel.sql import load
from server.services.playback.model import Picture, Place

sql = load(__file__)

FILE: Final = Query(sql("file"), Place)
IMAGE: Final = Query(sql("image"), Picture)
