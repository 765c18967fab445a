"""Whether windows can be tested on this machine."""

from importlib import import_module


def _fault() -> str:
    """Return why Qt cannot be loaded; empty where it can."""
    try:
        import_module("PySide6.QtWidgets")
    except ImportError as error:
        return str(error)
    return ""


QT_FAULT = _fault()
