"""Hit rates on files of cases out of other projects: python -m tests.helpers.corpora.

The cases are no part of this project. A row is a hit when everything that it expects of a film's name, or of how it is
played, came out; rows that ask for something else (a path rewritten, a series' episode) are left out, counted by the
reason. A file may have several readers, each with a rate of its own.
"""

import argparse
import json
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec
from msgspec import Struct, field

from server.media.ignored import is_ignored_file, is_ignored_folder
from server.media.video_names import (
    Film,
    Listed,
    SidecarKind,
    extra_kind,
    film_name,
    films_of,
    format_3d,
    imdb_id,
    name_tags,
    provider_ids,
    sidecar,
    sidecar_kind,
    stacks,
    stub_disc,
)
from server.services.playback.plans import Decision
from tests.helpers.stream_decisions import (
    asked_of,
    method_of,
    reasons_of,
    wanted_method,
    wanted_reasons,
)

CASES: Final = Path(__file__).parents[3] / "shared" / "corpora"

type Case = Mapping[str, Any]
type Check = tuple[object, object]  # what is wanted, what came


class LeftOut(Exception):
    """Why a row is not measured."""


class Miss(Struct, frozen=True):
    """A row that came out differently."""

    row: str
    asked: str
    wanted: str
    came: str


class Rate(Struct):
    """How a file of cases came out."""

    file: str
    row_count: int = 0
    hit_count: int = 0
    misses: list[Miss] = field(default_factory=list)
    left_out: dict[str, int] = field(default_factory=dict)

    @property
    def measured_count(self) -> int:
        return self.hit_count + len(self.misses)


def rates(folder: Path) -> list[Rate]:
    """Return the rates of the files in a folder that we have a reader for, by name."""
    files = {name: folder / f"{name.partition(':')[0]}.json" for name in sorted(_READERS)}
    return [_rate(name, path) for name, path in files.items() if path.is_file()]


def _rate(name: str, path: Path) -> Rate:
    rate, left_out = Rate(name), Counter[str]()
    for case in json.loads(path.read_text("utf-8"))["cases"]:
        rate.row_count += 1
        try:
            checks = list(_READERS[name]({**case, "folder": path.parent}))
        except LeftOut as reason:
            left_out[str(reason)] += 1
            continue
        wrong = [(wanted, came) for wanted, came in checks if wanted != came]
        if wrong:
            asked = json.dumps(case["input"], ensure_ascii=False)
            wanted, came = (repr([pair[side] for pair in wrong]) for side in (0, 1))
            rate.misses.append(Miss(case["id"], asked, wanted, came))
        else:
            rate.hit_count += 1
    rate.left_out = dict(left_out)
    return rate


def _parts(path: str, root: str = "") -> tuple[str, ...]:
    return tuple(path.removeprefix(root).replace("\\", "/").strip("/").split("/"))


def _spaced(title: str | None) -> str:
    """Jellyfin keeps the dots of a name, we read them as spaces: compared without that difference."""
    return " ".join(re.sub(r"[._]", " ", title or "").split())


def _radarr_movies(case: Case) -> Iterator[Check]:
    asked, wanted = case["input"], case["expected"]
    if "imdbid" in asked:
        yield wanted["NormalizeImdbId"], imdb_id(asked["imdbid"])
        return
    name = film_name([asked.get("postTitle") or asked["title"]])
    came: dict[str, object] = {
        "PrimaryMovieTitle": name.title,
        "Year": name.year or 0,
        "Edition": name.edition or "",
        "TmdbId": int(name.ids.get("tmdb", 0)),
        "ImdbId": name.ids.get("imdb"),
        "ReleaseGroup": name.release_group,
        "Version": name.revision,
        # Radarr counts "One AKA Two" as a title of its own beside the two.
        "Count": len(name.other_titles) + 2 if name.other_titles else 1,
        "HardcodedSubs": name.has_burned_in_subtitles,
    }
    for key, value in wanted.items():
        if "Languages" in key:
            raise LeftOut("languages of a release")
        word = key.rpartition(".")[2]
        if word not in came:
            raise LeftOut(f"asks for {word}")
        yield (value is not None if word == "HardcodedSubs" else value), came[word]


_EXTRA_KINDS = {"Unknown": "other", "BehindTheScenes": "behind_the_scenes"}


def _known_extra(kind: str | None) -> str | None:
    return kind and _EXTRA_KINDS.get(kind, re.sub(r"(?<!^)([A-Z])", r"_\1", kind).lower())


def _jellyfin_extras(case: Case) -> Iterator[Check]:
    wanted = case["expected"]
    parts = _parts(case["input"]["input"], wanted.get("libraryRoot", ""))
    yield _known_extra(wanted["expectedType"]), extra_kind(parts)


def _jellyfin_ignore(case: Case) -> Iterator[Check]:
    *folders, name = [part.encode() for part in _parts(case["input"]["path"])]
    inside = folders[-1] if folders else b""
    came = any(is_ignored_folder(folder) for folder in [*folders, name])
    yield case["expected"]["ShouldIgnore"], came or is_ignored_file(name, folder_name=inside)


def _provider_ids(case: Case) -> Iterator[Check]:
    if "GetAttributeValue" not in case["expected"]:
        raise LeftOut("rewriting of paths")
    name, word = case["input"]["input"], case["input"]["attribute"]
    source = word.removesuffix("id")
    came = provider_ids(name) if source in {"imdb", "tmdb", "tvdb"} else name_tags(name)
    yield case["expected"]["GetAttributeValue"], came.get(source, came.get(word))


def _external(case: Case) -> Iterator[Check]:
    asked, wanted = case["input"], case["expected"]
    if "path" in asked:
        is_audio = "Audio" in case["test"]
        kind = SidecarKind.AUDIO if is_audio else SidecarKind.SUBTITLE
        yield "ParseFile" not in wanted, sidecar_kind(asked["path"]) is kind
        return
    came = sidecar(SidecarKind.SUBTITLE, asked["tokens"])
    yield wanted["Title"], came.title
    yield wanted["Language"], came.language
    yield wanted["IsDefault"], came.is_default
    yield wanted["IsForced"], came.is_forced
    yield wanted["IsHearingImpaired"], came.is_hearing_impaired


def _jellyfin_movies(case: Case) -> Iterator[Check]:
    asked = case["input"]
    if case.get("options", {}).get("collection_type") == "tvshows":
        raise LeftOut("episodes")
    if "files" not in asked:
        yield from _one_name(case, asked.get("path") or asked.get("input") or "")
    elif "StackTests" in case["file"]:
        yield from _stacks(case)
    elif case["options"]["is_directory"]:
        names = [_parts(path)[-1] for path in asked["files"]]
        found = stacks(names)
        members = sum(len(stack.members) for stack in found)
        yield _count(case["expected"]), len(names) - members + len(found)
    else:
        yield from _folder(case["expected"], asked["files"])


def _one_name(case: Case, path: str) -> Iterator[Check]:
    wanted = case["expected"]
    name, file = film_name(_parts(path)), _parts(path)[-1]
    came: dict[str, object] = {
        "path": path,
        "container": file.rpartition(".")[2],
        "name": _spaced(name.title),
        "year": name.year,
        "is3D": format_3d(file) is not None,
        "format3D": format_3d(file),
        "isStub": (disc := stub_disc(file)) is not None,
        "stubType": None if disc in {None, "unknown"} else disc,
        "newName": _spaced(name.title),
        "TryCleanString": _is_cleaned(file, name.title),
        "IsNullOrEmpty": not _is_cleaned(file, name.title),
    }
    for key, value in wanted.items():
        word = next((known for known in came if known.casefold() == key.casefold()), None)
        if word == "name":
            yield _spaced(_without_ending(value)), came[word]
        elif word:
            yield (_spaced(value) if word == "newName" else value), came[word]


def _without_ending(name: str) -> str:
    """One of its tests leaves the ending to a later step."""
    return re.sub(r"\.mkv$", "", name)


def _is_cleaned(file: str, title: str) -> bool:
    plain = re.sub(r"\.mp4$|\.mkv$", "", file)
    return _spaced(re.sub(r" \(\d{4}\)$", "", plain)) != _spaced(title)


def _stacks(case: Case) -> Iterator[Check]:
    files = [
        item["FullName"] if isinstance(item, dict) else item for item in case["input"]["files"]
    ]
    stems = [re.sub(r"\.\w{3}$", "", _parts(path)[-1]) for path in files]
    found = sorted(stacks(stems), key=lambda stack: stack.base)
    yield _count(case["expected"]), len(found)
    for key, value in case["expected"].items():
        if at := re.fullmatch(r"result\[(\d+)\]\.Files\.Count", key):
            yield value, len(found[int(at[1])].members) if found else 0
    for check in case.get("checks", ()):
        values = check["values"]
        index = int(values["stack"].strip("result[]"))
        stack = found[index] if index < len(found) else None
        yield (values["name"], values["fileCount"]), stack and (stack.base, len(stack.members))


def _count(wanted: Mapping[str, Any]) -> object:
    return next(wanted[key] for key in wanted if key.casefold() in {"count", "result.count"})


class _Video(Struct):
    """Films and extras in the shape in which Jellyfin's tests ask for them."""

    name: str
    files: list[str]
    alternates: list[list[str]]
    extra: str | None = None


def _folder(wanted: Mapping[str, Any], files: Sequence[str]) -> Iterator[Check]:
    videos = _videos(files)
    for key, value in wanted.items():
        if key.casefold() in {"count", "result.count"}:
            yield value, len(videos)
            continue
        yield value, _asked(videos, key, value)


def _videos(files: Sequence[str]) -> list[_Video]:
    found = films_of([Listed(_parts(path)) for path in files])
    extras = [*found.loose_extras, *(extra for film in found.films for extra in film.extras)]
    extras.sort(key=lambda extra: extra.file)
    return [
        *(_as_video(film, files) for film in found.films),
        *(_Video(files[extra.file], [files[extra.file]], [], extra.what) for extra in extras),
    ]


def _as_video(film: Film, files: Sequence[str]) -> _Video:
    first, *others = [[files[index] for index in version.files] for version in film.versions]
    return _Video(film.name.title, first, others)


_ASKED = re.compile(
    r"(?:result\[(?P<at>\d+)\]|(?P<name>[a-z]\w*))(?:\.AlternateVersions\[(?P<alternate>\d+)\])?"
    r"\.(?:(?P<file>Files)\[(?P<number>\d+)\]\.Path(?:\.contains)?|(?P<what>.+))"
)


def _asked(videos: Sequence[_Video], key: str, wanted: Any) -> object:
    """Return what came where a test looks: "result[0].AlternateVersions[1].Files[0].Path"."""
    found = _ASKED.fullmatch(key)
    video = found and _meant(videos, found["at"], found["name"])
    if not found or not video:
        return None
    files = video.files
    if found["alternate"]:
        at = int(found["alternate"])
        files = video.alternates[at] if at < len(video.alternates) else []
    if found["name"] == "stackedAlternate":
        files = next((files for files in video.alternates if len(files) > 1), [])
    if found["file"]:
        path = files[int(found["number"])] if int(found["number"]) < len(files) else ""
        return wanted if isinstance(wanted, list) and all(map(path.count, wanted)) else path
    return {
        "not_null": True,
        "files.count": len(files),
        "alternateversions.count": len(video.alternates),
        "extratype": video.extra,
        "extratype.hasvalue": video.extra is not None,
    }.get(found["what"].casefold())


def _meant(videos: Sequence[_Video], at: str | None, name: str | None) -> _Video | None:
    if at is not None:
        return videos[int(at)] if int(at) < len(videos) else None
    named = (video for video in videos if (name or "") in video.name.casefold() and not video.extra)
    return next(named, videos[0] if videos else None)


def _with_known_extras(
    read: Callable[[Case], Iterator[Check]],
) -> Callable[[Case], Iterator[Check]]:
    def reading(case: Case) -> Iterator[Check]:
        expected = {
            key: _known_extra(value) if key.endswith("ExtraType") else value
            for key, value in case["expected"].items()
        }
        return read({**case, "expected": expected})

    return reading


def _stream_method(case: Case) -> Iterator[Check]:
    came = method_of(_decided(case))
    yield wanted_method(case["expected"]), came


def _stream_reasons(case: Case) -> Iterator[Check]:
    came = reasons_of(_decided(case))
    yield wanted_reasons(case["expected"]), came


def _decided(case: Case) -> Decision:
    if "deviceName" not in case["input"]:
        raise LeftOut("subtitles of a client that the row does not name")
    return asked_of(case, case["folder"])


_READERS: Final[Mapping[str, Callable[[Case], Iterator[Check]]]] = {
    "jellyfin_external_subs_audio": _external,
    "jellyfin_extras": _jellyfin_extras,
    "jellyfin_ignore": _jellyfin_ignore,
    "jellyfin_movies": _with_known_extras(_jellyfin_movies),
    "jellyfin_provider_ids": _provider_ids,
    "jellyfin_stream_decisions: method": _stream_method,
    "jellyfin_stream_decisions: reasons": _stream_reasons,
    "radarr_movies": _radarr_movies,
}


def _as_text(rate: Rate, *, with_misses: bool) -> str:
    share = rate.hit_count / rate.measured_count if rate.measured_count else 0.0
    counts = f"{rate.hit_count:>4} of {rate.measured_count:>4} measured, {rate.row_count:>4} rows"
    left_out = "".join(f"; {count} left out: {why}" for why, count in rate.left_out.items())
    lines = [f"{rate.file:<36}{counts}  {share:6.1%}{left_out}"]
    if with_misses:
        for miss in rate.misses:
            lines += [f"    {miss.row} {miss.asked}", f"      wanted {miss.wanted}"]
            lines.append(f"      came   {miss.came}")
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the rates; 1 when there is no case to read."""
    parser = argparse.ArgumentParser(
        prog="dev.py corpora", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("--cases", type=Path, default=CASES, help="the folder of case files")
    parser.add_argument(
        "--json", action="store_true", help="print one JSON document, misses included"
    )
    parser.add_argument(
        "--misses", action="store_true", help="list the rows that came out differently"
    )
    options = parser.parse_args(arguments)
    found = rates(options.cases)
    if not found:
        sys.stderr.write(f"no case files in {options.cases}: name their folder with --cases\n")
        return 1
    if options.json:
        text = msgspec.json.format(msgspec.json.encode(found)).decode()
    else:
        text = "\n".join(_as_text(rate, with_misses=options.misses) for rate in found)
    sys.stdout.write(text + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
