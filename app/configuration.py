"""`config check`, `show` and `docs`: what is wrong, what is in force, what there is."""

from app.boot import load_config, require_named_file, sentence
from app.choice import chosen
from app.paths import environment, find_paths, is_there
from server.kernel.config import check, docs, show


def say(deed: str) -> int:
    """Print what was asked for; the exit status of `check` is 1 where something is wrong. Raises: StartFailed."""
    if deed == "docs":
        print(docs(), end="")
        return 0
    paths = find_paths()
    if deed == "show":
        print(show(load_config(paths)), end="")
        return 0
    require_named_file(paths)
    problems = check(environment, paths.config_file, chosen(paths.choice_file))
    for problem in problems:
        print(("warning: " if problem.is_warning else "error: ") + sentence(problem))
    if not problems:
        where = paths.config_file if is_there(paths.config_file) else "no file"
        print(f"ok ({where})")
    return int(any(not problem.is_warning for problem in problems))
