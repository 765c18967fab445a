"""Films and pictures that disks, networks and strangers broke: an answer or a reason comes for each, never another error."""

from collections.abc import Iterator
from pathlib import Path
from random import Random

import msgspec
import pytest

from server.kernel.workers import Work, WorkerFailed
from server.media.model import KeepArt, MakePoster, Probe, Reason, Resize, TakeCover
from server.media.ops import OPS
from tests.helpers.broken import broken
from tests.helpers.media import FILMS, ODD_FILMS, make_film
from tests.helpers.pictures import HEIGHT_PX, PICTURES, WIDTH_PX, picture

_PER_FILM, _PER_PICTURE = 40, 20


@pytest.mark.parametrize("name", [*FILMS, *ODD_FILMS])
def test_a_broken_film_ends_in_an_answer_or_a_reason(tmp_path: Path, name: str) -> None:
    recipe = FILMS.get(name) or ODD_FILMS[name]
    recipe = msgspec.structs.replace(recipe, length_s=1.0, width_px=160, height_px=96)
    whole = make_film(tmp_path / name, recipe).read_bytes()
    path, target = tmp_path / f"broken-{name}", bytes(tmp_path / "poster.webp")
    for seed in range(_PER_FILM):
        path.write_bytes(broken([whole], Random(seed), sizes_px=(160, 96)))  # noqa: S311 (repeatable, not secret)
        for work in (
            Probe(path=bytes(path)),
            MakePoster(path=bytes(path), target_path=target),
            TakeCover(path=bytes(path), target_path=target),
        ):
            _ask(work)


@pytest.mark.parametrize("name", PICTURES)
def test_a_broken_picture_ends_in_an_answer_or_a_reason(tmp_path: Path, name: str) -> None:
    path, target = tmp_path / name, bytes(tmp_path / "made.webp")
    for seed in range(_PER_PICTURE):
        content = broken([picture(name)], Random(seed), sizes_px=(WIDTH_PX, HEIGHT_PX))  # noqa: S311 (repeatable, not secret)
        path.write_bytes(content)
        _ask(KeepArt(path=bytes(path), target_path=target))
        _ask(Resize(path=bytes(path), target_path=target, width_px=80, format="webp"))


def _ask(work: Work[object]) -> None:
    replies: Iterator[object] = OPS[work.op].run(work)
    try:
        for reply in replies:
            assert b"\\u0000" not in msgspec.json.encode(reply)
    except WorkerFailed as failed:
        assert failed.context["reason"] in {*Reason}  # noqa: PT017 (an answer is as good)
