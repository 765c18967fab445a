"""`config check`, `show` and `docs`: what is wrong, what is in force, what there is."""

from app.boot import load_config, sentence
from app.paths import environment, find_paths
from server.kernel.config import check, docs, show


def say(deed: str) -> int:
    """Print what was asked for; the exit status of `check` is 1 where something is wrong. Raises: StartFailed."""
    if deed == "docs":
        print(docs(), end="")  # noqa: T201
        return 0
    paths = find_paths()
    if deed == "show":
        print(show(load_config(paths)), end="")  # noqa: T201
        return 0
    problems = check(environment, paths.config_file)
    for problem in problems:
        print(("warning: " if problem.is_warning else "error: ") + sentence(problem))  # noqa: T201
    if not problems:
        print(f"ok ({paths.config_file})")  # noqa: T201
    return int(any(not problem.is_warning for problem in problems))
