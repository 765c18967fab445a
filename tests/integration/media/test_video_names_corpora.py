"""Hit rates of the name parser on names out of other projects' test suites; the data is not part of this project."""

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from server.media.ignored import is_ignored_file, is_ignored_folder
from server.media.video_names import extra_kind, film_name, provider_ids

_CORPORA = Path(__file__).parents[4] / "shared" / "corpora"

pytestmark = pytest.mark.skipif(
    not _CORPORA.is_dir(), reason=f"no corpora at {_CORPORA}: hit rates not measured"
)

type Outcome = tuple[str, object, object]  # the name, what is wanted, what came

_EXTRA_KINDS = {"Unknown": "other", "BehindTheScenes": "behind_the_scenes"}


def _cases(file: str) -> list[dict[str, Any]]:
    cases: list[dict[str, Any]] = json.loads((_CORPORA / f"{file}.json").read_text())["cases"]
    return cases


def _parts(path: str, root: str = "") -> list[str]:
    return path.removeprefix(root).replace("\\", "/").strip("/").split("/")


def _folded(title: str | None) -> str:
    """Jellyfin keeps a name's dots and this parser reads them as spaces: compared without that difference."""
    return " ".join(re.sub(r"[._]", " ", title or "").split())


def _jellyfin_movies() -> Iterator[Outcome]:
    for case in _cases("jellyfin_movies"):
        wanted = case["expected"]
        path = case["input"].get("path") or case["input"].get("input") or ""
        if not path:
            continue
        name = film_name(_parts(path))
        match case["test"]:
            case "ResolveFile_ValidFileName_Success":
                yield (path, (wanted["name"], wanted.get("year")), (name.title, name.year))
            case "CleanDateTimeTest":
                title = re.sub(
                    r"\.mkv$", "", wanted["Name"]
                )  # it leaves the ending to another step
                yield path, (title, wanted["Year"]), (name.title, name.year)
            case "CleanStringTest_NeedsCleaning_Success":
                yield path, wanted["newName"], name.title


def _radarr_movies() -> Iterator[Outcome]:
    for case in _cases("radarr_movies"):
        text, wanted = case["input"].get("postTitle"), case["expected"]
        if text is None:
            continue
        name = film_name([text])
        for key, value in wanted.items():
            match key.rpartition(".")[2]:
                case "PrimaryMovieTitle":
                    yield text, value, name.title
                case "Year":
                    yield text, value or None, name.year
                case "TmdbId":
                    yield text, str(value), name.ids.get("tmdb")
                case "ImdbId":
                    yield text, value, name.ids.get("imdb")


def _radarr_editions() -> Iterator[Outcome]:
    for case in _cases("radarr_movies"):
        wanted = case["expected"]
        edition = wanted.get("parsed.Edition", wanted.get("Edition"))
        if edition is not None:
            name = film_name([case["input"]["postTitle"]])
            yield case["input"]["postTitle"], edition or None, name.edition


def _jellyfin_extras() -> Iterator[Outcome]:
    for case in _cases("jellyfin_extras"):
        path, wanted = case["input"]["input"], case["expected"]
        kind = wanted["expectedType"]
        known = kind and _EXTRA_KINDS.get(kind, re.sub(r"(?<!^)([A-Z])", r"_\1", kind).lower())
        yield path, known, extra_kind(_parts(path, wanted.get("libraryRoot", "")))


def _jellyfin_ignore() -> Iterator[Outcome]:
    for case in _cases("jellyfin_ignore"):
        path = case["input"]["path"]
        *folders, name = [part.encode() for part in _parts(path)]
        came = any(is_ignored_folder(folder) for folder in [*folders, name]) or is_ignored_file(
            name, folder_name=folders[-1] if folders else b""
        )
        yield path, case["expected"]["ShouldIgnore"], came


def _provider_ids() -> Iterator[Outcome]:
    for case in _cases("jellyfin_provider_ids"):
        if "GetAttributeValue" in case["expected"]:
            source = case["input"]["attribute"].removesuffix("id")
            came = provider_ids(case["input"]["input"]).get(source)
            yield case["input"]["input"], case["expected"]["GetAttributeValue"], came


@pytest.mark.parametrize(
    ("outcomes", "floor"),
    [
        (_jellyfin_movies, 0.9),
        (_radarr_movies, 0.9),
        (_radarr_editions, 0.9),
        (_jellyfin_extras, 1.0),
        (_jellyfin_ignore, 0.9),
        (_provider_ids, 0.95),
    ],
)
def test_the_parser_reads_names_as_other_projects_do(
    outcomes: Any, floor: float, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = list(outcomes())
    is_jellyfin = outcomes is _jellyfin_movies
    misses = [row for row in rows if not _is_hit(row, is_folded=is_jellyfin)]
    rate = 1 - len(misses) / len(rows)
    with capsys.disabled():
        hits = f"{len(rows) - len(misses)} of {len(rows)} ({rate:.1%})"
        sys.stdout.write(f"\n{outcomes.__name__[1:]}: {hits}\n")
    assert rate >= floor, "\n".join(
        f"{name!r}: wanted {want!r}, got {got!r}" for name, want, got in misses
    )


def _is_hit(row: Outcome, *, is_folded: bool) -> bool:
    _, wanted, came = row
    if not is_folded:
        return wanted == came
    match wanted, came:
        case (str(title), year), (str(came_title), came_year):
            return (_folded(title), year) == (_folded(came_title), came_year)
        case _:
            return _folded(str(wanted)) == _folded(str(came))
