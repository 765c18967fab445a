"""Every slice is a folder whose files mean the same everywhere."""

from pathlib import Path

import pytest

from server.modules import MODULES

SERVER = Path(__file__).parents[2] / "server"
SLICES = sorted(
    folder
    for room in ("modules", "services")
    for folder in (SERVER / room).iterdir()
    if folder.is_dir() and folder.name != "__pycache__"
)
MODULE_FILES = {
    "__init__.py",
    "module.py",
    "model.py",
    "queries.sql",
    "store.py",
    "sources.py",
    "service.py",
    "routes.py",
    "jobs.py",
    "search.py",
    "naming.py",
    "scanner.py",
}


@pytest.mark.parametrize("folder", SLICES, ids=lambda folder: folder.name)
def test_a_slice_has_a_declaration_and_a_sentence_about_itself(folder: Path) -> None:
    assert (folder / "module.py").is_file()
    assert (folder / "__init__.py").read_text().startswith('"""')


@pytest.mark.parametrize(
    "folder", [one for one in SLICES if one.parent.name == "modules"], ids=lambda f: f.name
)
def test_a_content_module_has_only_the_files_that_everybody_knows(folder: Path) -> None:
    found = {path.name for path in folder.iterdir() if path.name != "__pycache__"}
    assert found <= MODULE_FILES


def test_every_content_module_is_listed() -> None:
    folders = {folder.name for folder in SLICES if folder.parent.name == "modules"}
    assert {module.name for module in MODULES} == folders


@pytest.mark.parametrize("word", ["movie", "film", "album", "episode", "podcast", "comic"])
def test_the_kernel_knows_no_product_word(word: str) -> None:
    kernel = (SERVER / "kernel").rglob("*.py")
    assert [path.name for path in kernel if word in path.read_text(encoding="utf-8").lower()] == []
