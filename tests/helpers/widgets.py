"""Frees widgets on the thread that made them."""

import gc
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True)
def freed_here() -> Iterator[None]:
    """Have what refers to itself be freed between tests: a widget that a thread of the pool frees ends the process."""
    gc.disable()
    yield
    gc.collect()
    gc.enable()
