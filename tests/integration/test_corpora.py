"""Hit rates on cases out of other projects' test suites; the data is not part of this project."""

import sys

import pytest

from tests.helpers.corpora import CASES, main, rates

pytestmark = pytest.mark.skipif(
    not CASES.is_dir(), reason=f"no corpora at {CASES}: hit rates not measured"
)


@pytest.mark.parametrize(
    ("file", "floor"),
    [
        ("jellyfin_external_subs_audio", 0.95),
        ("jellyfin_extras", 0.95),
        ("jellyfin_ignore", 0.94),
        ("jellyfin_movies", 0.95),
        ("jellyfin_provider_ids", 0.95),
        ("jellyfin_stream_decisions: method", 0.99),
        ("jellyfin_stream_decisions: reasons", 0.99),
        ("radarr_movies", 0.95),
    ],
)
def test_cases_come_out_as_in_other_projects(
    file: str, floor: float, capsys: pytest.CaptureFixture[str]
) -> None:
    rate = next(rate for rate in rates(CASES) if rate.file == file)
    share = rate.hit_count / rate.measured_count
    with capsys.disabled():
        sys.stdout.write(f"\n{file}: {rate.hit_count} of {rate.measured_count} ({share:.1%})\n")
    assert share >= floor, "\n".join(str(miss) for miss in rate.misses)


def test_the_rates_are_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--cases", str(CASES), "--misses"]) == 0
    assert "radarr_movies" in capsys.readouterr().out
