"""What is not well with a server that runs, in words. Without Qt."""

from collections.abc import Iterable

from gui.api import Failure, Result, Status
from gui.condition import why
from gui.texts import has_text, t


def faults(status: Status | None, checks: Iterable[Result]) -> list[str]:
    """Return a sentence for each part that is missed."""
    return [
        _first_sentence(_reason(status, check) or f"{part_name(check)}: {_unexplained(check)}")
        for check in checks
        if check.error and check.category != "cold"
    ]


def fault(status: Status | None, check: Result) -> str:
    """Return why a part is not well, and what helps."""
    return _reason(status, check) or _unexplained(check)


def part_name(check: Result) -> str:
    """Return what a part is called; one that the windows do not know keeps its own name."""
    code = f"part.{check.name}"
    return t(code) if has_text(code) else check.name


def _reason(status: Status | None, check: Result) -> str:
    """Return why its program ended, else what was found when it was asked; empty where neither is known."""
    programs = {"cache": status.cache, "search": status.search} if status else {}
    program = programs.get(check.name)
    if program is not None and program.cause and program.state != "running":
        return why(Failure(code=program.cause, reason=program.reason or "", context={}))
    code = f"why.{check.code}"
    return t(code) if has_text(code) else ""


def _unexplained(check: Result) -> str:
    return t(f"check.{check.error or 'failed'}")


def _first_sentence(text: str) -> str:
    first, dot, _ = text.partition(". ")
    return first + dot.rstrip()
