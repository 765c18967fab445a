"""The statements of playback and the types of their rows."""

from typing import Final
from uuid import UUID

from server.kernel.db import Query
from server.kernel.sql import load
from server.services.playback.model import FilePlace, Film, Picture, Place, Preferences

sql = load(__file__)

FILE: Final = Query(sql("file"), Place)
IMAGE: Final = Query(sql("image"), Picture)
FILM: Final = Query(sql("film"), Film)
PUT_PLAY: Final = Query(sql("put_play"), UUID)
PREFERENCES: Final = Query(sql("preferences"), Preferences)
PUT_PREFERENCES: Final = Query(sql("put_preferences"))
UNREAD: Final = Query(sql("unread"), FilePlace)
PUT_KEYFRAMES: Final = Query(sql("put_keyframes"))
