import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.media.video_names import Sidecar, SidecarKind, sidecar, sidecar_kind
from server.media.video_names.languages import language

SUBTITLE = SidecarKind.SUBTITLE


@pytest.mark.parametrize(
    ("rest", "expected"),
    [
        ("", Sidecar(kind=SUBTITLE)),
        (".en", Sidecar(kind=SUBTITLE, language="eng")),
        (".deu", Sidecar(kind=SUBTITLE, language="ger")),
        (".German", Sidecar(kind=SUBTITLE, language="ger")),
        (".pt-BR", Sidecar(kind=SUBTITLE, language="por")),
        (".SDH.en", Sidecar(kind=SUBTITLE, language="eng", is_hearing_impaired=True)),
        (".hi", Sidecar(kind=SUBTITLE, language="hin")),
        (".hi.hi", Sidecar(kind=SUBTITLE, language="hin", title="hi")),
        (".de.hi", Sidecar(kind=SUBTITLE, language="ger", is_hearing_impaired=True)),
        (".cc.default.sv", Sidecar(kind=SUBTITLE, language="swe", is_default=True, is_hearing_impaired=True)),
        (".Notes by Ann.fr.forced", Sidecar(kind=SUBTITLE, language="fre", title="Notes by Ann", is_forced=True)),
        (" - French", Sidecar(kind=SUBTITLE, language="fre")),
        ("_nl", Sidecar(kind=SUBTITLE, language="dut")),
        ("3_Finnish", Sidecar(kind=SUBTITLE, language="fin")),
        (".signs", Sidecar(kind=SUBTITLE, title="signs")),
    ],
)  # fmt: skip
def test_language_flags_and_title_come_in_any_order(rest: str, expected: Sidecar) -> None:
    assert sidecar(SUBTITLE, rest) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Heat.srt", SUBTITLE),
        ("Heat.SUP", SUBTITLE),
        ("Heat.mka", SidecarKind.AUDIO),
        ("Heat.nfo", SidecarKind.NFO),
        ("Heat.mkv", None),
        ("srt", None),
        ("", None),
    ],
)
def test_the_ending_says_what_lies_beside(name: str, expected: SidecarKind | None) -> None:
    assert sidecar_kind(name) is expected


@pytest.mark.parametrize(
    ("word", "expected"),
    [("zh-Hans", "chi"), ("es-419", "spa"), ("fas", "per"), ("the", None), ("", None), ("e", None)],
)
def test_codes_and_names_of_languages(word: str, expected: str | None) -> None:
    assert language(word) == expected


@given(st.sampled_from(SidecarKind), st.text(max_size=80))
def test_any_rest_gets_an_answer(kind: SidecarKind, rest: str) -> None:
    assert sidecar(kind, rest).kind is kind
