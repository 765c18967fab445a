"""Reads what a film's path says: title, year, edition, provider ids, extras. Pure, total, no word of any database."""

from server.media.video_names.extras import ExtraKind, extra_kind, is_video
from server.media.video_names.ids import provider_ids
from server.media.video_names.titles import FilmName, film_name
from server.media.video_names.words import text_of

__all__ = [
    "ExtraKind",
    "FilmName",
    "extra_kind",
    "film_name",
    "is_video",
    "provider_ids",
    "text_of",
]
