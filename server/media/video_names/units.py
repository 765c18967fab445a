"""What plays as one among the videos of a folder: a file, a stack of parts, a copied disc."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from msgspec import Struct

from server.media.video_names.discs import Disc, title_set
from server.media.video_names.endings import STUB, ending
from server.media.video_names.parts import stacks
from server.media.video_names.versions import natural


class Video(Struct, frozen=True, kw_only=True):
    """A video of a folder; `disc` and `number` are of the disc's folders around it, `weight` is bytes or length."""

    index: int
    name: str
    stem: str
    weight: int = 0
    disc: Disc | None = None
    number: int | None = None


class Unit(Struct, frozen=True, kw_only=True):
    """What plays as one; `files` are indexes of videos in playing order."""

    stem: str
    name: str
    files: tuple[int, ...]
    disc: Disc | None = None


def units(videos: Sequence[Video], folder_name: str) -> list[Unit]:
    """Return what plays as one; of a copied disc only its main film, told by its weight."""
    discs: dict[Disc, list[Video]] = defaultdict(list)
    numbered, plain = list[Video](), list[Video]()
    for video in videos:
        if video.disc and ending(video.name) != STUB:
            discs[video.disc].append(video)
        else:
            (plain if video.number is None else numbered).append(video)
    found = [_copied(disc, discs[disc], folder_name) for disc in sorted(discs)]
    if _is_run(numbered):
        by_number = sorted(numbered, key=lambda video: video.number or 0)
        files = tuple(video.index for video in by_number)
        found.append(Unit(stem=folder_name, name=folder_name, files=files))
    else:
        plain += numbered
    return [*found, *_stacked(plain)]


def _stacked(videos: Sequence[Video]) -> Iterable[Unit]:
    taken = set[int]()
    for stack in stacks([video.stem for video in videos]):
        taken.update(stack.members)
        members = [videos[at] for at in stack.members]
        yield Unit(
            stem=stack.base,
            name=f"{stack.base}.{ending(members[0].name)}",
            files=tuple(video.index for video in members),
        )
    for at, video in enumerate(videos):
        if at not in taken:
            yield Unit(stem=video.stem, name=video.name, files=(video.index,), disc=video.disc)


def _copied(disc: Disc, videos: Iterable[Video], folder_name: str) -> Unit:
    """Return the main film of a disc, or of several that are numbered, one after the other."""
    by_number: dict[int, list[Video]] = defaultdict(list)
    for video in videos:
        by_number[video.number or 0].append(video)
    files = [index for number in sorted(by_number) for index in _main_film(by_number[number])]
    return Unit(stem=folder_name, name=folder_name, files=tuple(files), disc=disc)


def _main_film(videos: Sequence[Video]) -> list[int]:
    """Return the heaviest title set of a DVD in its order, of other discs the heaviest file."""
    sets: dict[int, dict[int, Video]] = defaultdict(dict)
    for video in videos:
        if chunk := title_set(video.name):
            sets[chunk[0]][chunk[1]] = video
    if sets:
        main = max(sorted(sets), key=lambda number: _weight(sets[number].values()))
        return [sets[main][chunk].index for chunk in sorted(sets[main])]
    by_name = sorted(videos, key=lambda video: natural(video.name))
    return [max(by_name, key=lambda video: video.weight).index]


def _weight(videos: Iterable[Video]) -> tuple[int, int]:
    weights = [video.weight for video in videos]
    return sum(weights), len(weights)


def _is_run(videos: Sequence[Video]) -> bool:
    return len(videos) > 1 and sorted(video.number or 0 for video in videos) == list(
        range(1, len(videos) + 1)
    )
