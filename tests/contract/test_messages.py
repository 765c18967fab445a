"""Every code that can reach a person has an English and a German text, and no text is left over."""

import importlib
import pkgutil
from pathlib import Path

import pytest

import server
from server.kernel.config import CODES
from server.kernel.errors import RevengeError
from server.kernel.messages import DIRECTORY, Messages, fields
from server.main import settings_sections
from server.media.model import Reason
from server.services.background.service import FAILED, REASONS
from server.services.library.model import Notice
from server.services.setup.model import DatabaseNotice
from server.services.system.model import Cause

ROOT = Path(__file__).parents[2]
MESSAGES = Messages.load()
TEXTS = MESSAGES._catalogues


def _subclasses(kind: type[RevengeError]) -> set[type[RevengeError]]:
    return {kind}.union(*(_subclasses(child) for child in kind.__subclasses__()))


def _error_codes() -> set[str]:
    for module in pkgutil.walk_packages(server.__path__, "server."):
        importlib.import_module(module.name)
    errors = _subclasses(RevengeError)
    return {error.code for error in errors if error.__module__.startswith(("server.", "app."))}


ERROR_CODES = sorted(_error_codes())
SETTING_CODES = {
    code
    for name, section in settings_sections().items()
    for code in (
        f"settings.{name}",
        *(f"settings.{name}.{key}" for key in section.settings),
        *(
            f"settings.{name}.{key}.{choice}"
            for key, setting in section.settings.items()
            for choice in setting.choices
        ),
    )
}
CODES_USED = sorted(
    {
        *ERROR_CODES,
        *CODES,
        *Reason,
        *Notice,
        *DatabaseNotice,
        *Cause,
        FAILED,
        *REASONS.values(),
        *SETTING_CODES,
    }
)


@pytest.mark.parametrize("code", CODES_USED)
@pytest.mark.parametrize("language", ["de", "en"])
def test_every_code_has_a_text(language: str, code: str) -> None:
    assert TEXTS[language].get(code), f"server/locales/{language}.json lacks {code}"


@pytest.mark.parametrize("code", sorted(TEXTS["en"]))
def test_both_languages_use_the_same_fields(code: str) -> None:
    assert fields(TEXTS["de"][code]) == fields(TEXTS["en"][code])


@pytest.mark.parametrize("code", sorted(TEXTS["en"]))
def test_no_text_is_left_over(code: str) -> None:
    assert code in CODES_USED


@pytest.mark.parametrize("code", [code for code in ERROR_CODES if code in TEXTS["en"]])
@pytest.mark.parametrize("language", ["de", "en"])
def test_the_first_sentence_is_a_title_without_fields(language: str, code: str) -> None:
    template = TEXTS[language][code]
    names = dict.fromkeys(fields(template), "\N{BLACK SQUARE}")
    sentence = MESSAGES.text(language, code, names)
    assert "\N{BLACK SQUARE}" not in sentence.title
    assert sentence.title != sentence.detail.rstrip(".")


@pytest.mark.parametrize("path", sorted(DIRECTORY.glob("*.json")), ids=lambda path: path.stem)
def test_a_catalogue_is_sorted_with_one_text_a_line(path: Path) -> None:
    codes = [line.split('"')[1] for line in path.read_text("utf-8").splitlines() if '"' in line]
    assert codes == sorted(TEXTS[path.stem])


def test_the_languages_have_the_same_codes() -> None:
    assert TEXTS["de"].keys() == TEXTS["en"].keys()
