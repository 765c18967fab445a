"""Values that each key of the configuration takes."""

from typing import Final

from server.kernel.config import KEYS

_SAMPLES: Final = {"text": "example", "number": "9", "switch": "true", "secret": "s" * 40}


def sample(name: str) -> str:
    """Return a value of a key, as it is written."""
    key = KEYS[name]
    if key.kind == "secret URL":
        return f"{key.extra['schemes'][0]}://user:pw@host"
    return key.choices[0] if key.choices else _SAMPLES.get(key.kind, "a.example")
