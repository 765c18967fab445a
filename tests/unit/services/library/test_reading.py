from server.kernel.ids import new_id
from server.kernel.workers import WorkerFailed, WorkerLost
from server.media.model import Probed, Reason
from server.services.library.model import PathMissing
from server.services.library.reading import Outcome, _by_folder, _problem
from server.services.library.store import RootRow, UnreadFile

FACTS = Probed(
    container="mp4",
    media_type="video/mp4",
    length_ms=None,
    bitrate_bps=None,
    streams=[],
    chapters=[],
)


def test_files_are_handed_over_folder_by_folder_without_the_unreadable() -> None:
    root = RootRow(root_id=new_id(), library_id=new_id(), path=b"/films")
    paths = [b"b/x/1.mkv", b"2.mkv", b"b/3.mkv", b"b/x/0.mkv", b"\xff/4.mkv"]
    outcomes = [
        Outcome(file=UnreadFile(file_id=new_id(), path=path), facts=FACTS) for path in paths
    ]
    outcomes.append(Outcome(file=UnreadFile(file_id=new_id(), path=b"b/broken.mkv")))
    found = {
        folder.path: [file.name for file in files] for folder, files in _by_folder(root, outcomes)
    }
    assert found == {
        b"": [b"2.mkv"],
        b"b": [b"3.mkv"],
        b"b/x": [b"0.mkv", b"1.mkv"],
        b"\xff": [b"4.mkv"],
    }


def test_the_workers_reason_is_kept_before_the_errors_code() -> None:
    named = _problem(WorkerFailed(reason=Reason.DAMAGED, detail="no moov atom"))
    assert (named.code, named.detail) == ("media.damaged", "no moov atom")
    assert _problem(WorkerLost(op="probe")).code == "worker.lost"
    assert _problem(PathMissing(path="/x")).detail == ""
