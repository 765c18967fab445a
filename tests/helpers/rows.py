"""What scans wrote, by natural keys: without ids, instants and versions, so that two servers can be compared."""

from collections import Counter
from collections.abc import Mapping
from typing import Any, Final

import asyncpg

_FIRST: Final = 5
_SHOWN: Final = 300
# The key of an item begins with the id of its root.
_ROWS: Final[Mapping[str, str]] = {
    "items": """
        SELECT split_part(i.key, '/', 2), i.kind, i.title, i.sort_title, i.year, i.length, i.on_shelf, i.is_picture_due,
               split_part(p.key, '/', 2) AS parent
        FROM items i LEFT JOIN items p ON p.item_id = i.parent_id WHERE i.state = 'present'""",
    "files": """
        SELECT f.path, f.size_bytes, f.mtime_ns, f.role, f.error ->> 'code' AS error, f.probe::text, f.fingerprint,
               d.path AS folder
        FROM files f JOIN folders d USING (folder_id) WHERE f.state = 'present'""",
    "item_files": """
        SELECT split_part(i.key, '/', 2), f.path, u.role, u.version, u.part, u.starts_at_ms
        FROM item_files u JOIN items i USING (item_id) JOIN files f USING (file_id)
        WHERE i.state = 'present' AND f.state = 'present'""",
    "subtitles": """
        SELECT split_part(i.key, '/', 2), f.path, s.stream_index, o.path AS of_path, s.format, s.language, s.title,
               s.is_default, s.is_forced, s.is_hearing_impaired
        FROM subtitles s JOIN items i USING (item_id) JOIN files f USING (file_id)
        LEFT JOIN files o ON o.file_id = s.of_file_id
        WHERE i.state = 'present' AND f.state = 'present'""",
    "segments": """
        SELECT f.path, s.kind, s.start_ms, s.end_ms, s.title
        FROM segments s JOIN files f USING (file_id) WHERE f.state = 'present'""",
    "external_ids": """
        SELECT split_part(i.key, '/', 2), e.source, e.value
        FROM external_ids e JOIN items i USING (item_id) WHERE i.state = 'present'""",
    "movies": """
        SELECT split_part(i.key, '/', 2), v.version, v.label, v.edition, v.format_3d, v.disc
        FROM movies JOIN items i USING (item_id) LEFT JOIN movie_versions v USING (item_id) WHERE i.state = 'present'""",
    "movie_extras": """
        SELECT split_part(i.key, '/', 2), e.kind
        FROM movie_extras e JOIN items i USING (item_id) WHERE i.state = 'present'""",
    "folders": """
        SELECT path, home, signature, media_count, is_due FROM folders WHERE signature IS DISTINCT FROM ''""",
    "images": """
        SELECT split_part(i.key, '/', 2), g.kind, g.width_px, g.height_px, g.blurhash, g.source,
               g.image_id = i.image_id AS is_of_item
        FROM images g JOIN items i USING (item_id) WHERE i.state = 'present'""",
}


type Rows = dict[str, list[str]]


async def rows_of(owner: "asyncpg.Connection[Any]") -> Rows:
    """Return the rows of every table about what is there, as texts in order; what is missing is left out."""
    return {
        table: sorted(repr(tuple(row)) for row in await owner.fetch(statement))
        for table, statement in _ROWS.items()
    }


def differences(found: Rows, expected: Rows) -> dict[str, list[str]]:
    """Return by table the first rows that only one of both has; nothing when they are alike."""
    return {
        table: [
            *(f"lacks {row}" for row in _without(expected[table], found[table])),
            *(f"has {row}" for row in _without(found[table], expected[table])),
        ]
        for table in expected
        if found[table] != expected[table]
    }


def _without(rows: list[str], others: list[str]) -> list[str]:
    return [row[:_SHOWN] for row in sorted((Counter(rows) - Counter(others)).elements())][:_FIRST]
