"""Films with wrong bytes: an answer or a reason comes for each, never another error."""

import random
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from server.kernel.workers import WorkerFailed
from server.media.model import MakePoster, Reason
from server.media.poster import make_poster
from server.media.probe import probe
from tests.helpers.media import FILMS, make_film, mutated

_PER_FILM = 40


@pytest.mark.parametrize("name", FILMS)
def test_wrong_bytes_end_in_an_answer_or_a_reason(tmp_path: Path, name: str) -> None:
    recipe = msgspec.structs.replace(FILMS[name], length_s=1.0, width_px=160, height_px=96)
    whole = make_film(tmp_path / name, recipe).read_bytes()
    broken = tmp_path / f"broken-{name}"
    for seed in range(_PER_FILM):
        broken.write_bytes(mutated(whole, random.Random(seed)))  # noqa: S311  (repeatable, not secret)
        for work in (_probed, _poster_made):
            assert _reason(work, broken) in {None, *Reason}


def _reason(work: Callable[[Path], None], film: Path) -> Reason | None:
    try:
        work(film)
    except WorkerFailed as failed:
        reason: Reason = failed.context["reason"]
        return reason
    return None


def _probed(film: Path) -> None:
    assert b"\\u0000" not in msgspec.json.encode(probe(bytes(film)))


def _poster_made(film: Path) -> None:
    make_poster(MakePoster(path=bytes(film), target_path=bytes(film) + b".webp"))
