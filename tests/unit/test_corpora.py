"""Hit rates, printed of cases made up here."""

import json
from pathlib import Path

import pytest

from tests.helpers.corpora import main

CASES = [
    {"id": "1", "input": {"postTitle": "Heat.1995.1080p"}, "expected": {"Year": 1995}},
    {"id": "2", "input": {"postTitle": "Heat.1995.1080p"}, "expected": {"Year": 1986}},
    {"id": "3", "input": {"postTitle": "Heat"}, "expected": {"Languages.Count": 1}},
]


@pytest.fixture
def cases(tmp_path: Path) -> Path:
    (tmp_path / "radarr_movies.json").write_text(json.dumps({"cases": CASES}))
    (tmp_path / "somebody_elses.json").write_text("no cases")
    return tmp_path


def test_a_file_of_cases_has_a_rate(cases: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--cases", str(cases)]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    assert line.split()[:5] == ["radarr_movies", "1", "of", "2", "measured,"]
    assert "1 left out: languages of a release" in line


def test_misses_are_listed(cases: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--cases", str(cases), "--misses"]) == 0
    assert "wanted [1986]\n      came   [1995]" in capsys.readouterr().out


def test_the_rates_are_also_a_document(cases: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--cases", str(cases), "--json"]) == 0
    (rate,) = json.loads(capsys.readouterr().out)
    assert (rate["row_count"], rate["hit_count"], rate["misses"][0]["row"]) == (3, 1, "2")


def test_a_folder_without_cases_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--cases", str(tmp_path)]) == 1
    assert "--cases" in capsys.readouterr().err


def test_a_stream_decision_has_rates_of_its_method_and_of_its_reasons(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    expected = {
        "playMethod": "Transcode",
        "why": "ContainerNotSupported",
        "transcodeMode": "DirectStream",
        "transcodeProtocol": "HLS.mp4",
    }
    asked = {"deviceName": "Phone", "mediaSource": "mkv"}
    row = {"id": "1", "test": "BuildVideoItemSimple", "input": asked, "expected": expected}
    unnamed = {"id": "2", "test": "GetSubtitleProfile", "input": {}, "expected": {}}
    codecs = {"Type": "Video", "Container": "mp4", "VideoCodec": "h264", "AudioCodec": "aac"}
    client = {
        "DirectPlayProfiles": [codecs],
        "TranscodingProfiles": [{**codecs, "Protocol": "hls"}],
    }
    streams = [{"Type": 1, "Codec": "h264"}, {"Type": 0, "Codec": "aac", "Index": 1}]
    media = {"Container": "mkv", "Bitrate": 1, "MediaStreams": streams}
    for path, content in {
        "jellyfin_stream_decisions.json": {"cases": [row, unnamed]},
        "jellyfin_stream_data/DeviceProfile-Phone.json": client,
        "jellyfin_stream_data/MediaSourceInfo-mkv.json": media,
    }.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(json.dumps(content))
    assert main(["--cases", str(tmp_path), "--json"]) == 0
    method, reasons = json.loads(capsys.readouterr().out)
    assert (method["hit_count"], method["misses"][0]["came"]) == (0, "[('remux', 'hls/mp4')]")
    assert (reasons["hit_count"], reasons["misses"]) == (1, [])
    assert list(method["left_out"].values()) == [1]
