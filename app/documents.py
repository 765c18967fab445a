"""Prints the documents that are generated from the code."""

import msgspec

from server.main import described


def openapi() -> str:
    """Return `docs/openapi.json`."""
    return msgspec.json.format(msgspec.json.encode(described()[0]), indent=1).decode() + "\n"
