"""The hit rates of the name parsers, printed of cases made up here."""

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
