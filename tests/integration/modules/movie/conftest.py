"""Fixtures of a library of films."""

from tests.integration.services.catalog.shelf import shelf, workers

__all__ = ["shelf", "workers"]
