"""Reads what a film's path says: title, year, edition, versions, parts, and what lies beside it.

Pure, total on any names, no word of any database.
"""

from server.media.video_names.artwork import ArtKind, is_image
from server.media.video_names.discs import Disc, is_menu, stub_disc
from server.media.video_names.endings import is_stub, is_video
from server.media.video_names.extras import ExtraKind, extra_kind
from server.media.video_names.films import Beside, Film, Films, Listed, Version, films_of, home_of
from server.media.video_names.formats import format_3d
from server.media.video_names.ids import imdb_id, name_tags, provider_ids
from server.media.video_names.parts import Stack, stacks
from server.media.video_names.sidecars import (
    Sidecar,
    SidecarKind,
    sidecar,
    sidecar_kind,
    subtitle_format,
)
from server.media.video_names.titles import FilmName, film_name
from server.media.video_names.words import text_of

__all__ = [
    "ArtKind",
    "Beside",
    "Disc",
    "ExtraKind",
    "Film",
    "FilmName",
    "Films",
    "Listed",
    "Sidecar",
    "SidecarKind",
    "Stack",
    "Version",
    "extra_kind",
    "film_name",
    "films_of",
    "format_3d",
    "home_of",
    "imdb_id",
    "is_image",
    "is_menu",
    "is_stub",
    "is_video",
    "name_tags",
    "provider_ids",
    "sidecar",
    "sidecar_kind",
    "stacks",
    "stub_disc",
    "subtitle_format",
    "text_of",
]
