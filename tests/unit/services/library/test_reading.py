from server.kernel.ids import new_id
from server.kernel.workers import WorkerFailed, WorkerLost
from server.media.model import Chapter, Probed, Reason
from server.services.library.model import PathMissing
from server.services.library.reading import Outcome, _chapters, _problem, _whole
from server.services.library.store import FileOfHome, UnreadFile


def found(*paths: bytes, home: bytes = b"") -> list[FileOfHome]:
    return [
        FileOfHome(home=home, file_id=new_id(), path=path, role="image", probe=None)
        for path in paths
    ]


def test_a_portion_ends_where_a_home_ends() -> None:
    files = [*found(b"a/1.mkv", b"a/2.mkv", home=b"a"), *found(b"b/1.mkv", home=b"b")]
    assert _whole(files) == files[:2]


def test_a_home_of_very_many_files_is_cut_between_names() -> None:
    files = found(b"Alien cd1.avi", b"Dune.mkv", b"Heat cd1.avi", b"heat CD2.avi")
    assert _whole(files) == files[:2]


def test_names_that_all_begin_alike_stay_together() -> None:
    files = found(b"The One.mkv", b"the Two.mkv", b"THE_Three.mkv")
    assert _whole(files) == files


def test_chapters_end_where_the_next_begin_and_stand_there_once() -> None:
    facts = Probed(
        container="matroska",
        media_type="video/x-matroska",
        length_ms=90,
        bitrate_bps=None,
        streams=[],
        chapters=[
            Chapter(start_ms=50, title="Two"),
            Chapter(start_ms=0, title="One"),
            Chapter(start_ms=50, title="Two again"),
            Chapter(start_ms=120, title="Behind the end"),
        ],
    )
    rows = _chapters(Outcome(file=UnreadFile(file_id=new_id(), path=b"a"), facts=facts))
    assert [row[1:] for row in rows] == [
        (0, 50, "One"),
        (50, 120, "Two again"),
        (120, 120, "Behind the end"),
    ]


def test_the_workers_reason_is_kept_before_the_errors_code() -> None:
    named = _problem(WorkerFailed(reason=Reason.DAMAGED, detail="no moov atom"))
    assert (named.code, named.detail) == ("media.damaged", "no moov atom")
    assert _problem(WorkerLost(op="probe")).code == "worker.lost"
    assert _problem(PathMissing(path="/x")).detail == ""
