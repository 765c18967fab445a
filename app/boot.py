"""What every word of the command line needs first: the places and the configuration."""

from collections.abc import Sequence

from app.choice import chosen
from app.failure import StartFailed
from app.paths import Paths, environment, is_there
from server.kernel.config import Config, ConfigInvalid, Loaded, Problem, load, read_config_file
from server.kernel.log import get_log
from server.kernel.messages import Messages

log = get_log(__name__)


def load_config(paths: Paths) -> Loaded:
    """Return the configuration in force. Raises: StartFailed, with one sentence for each mistake."""
    require_named_file(paths)
    from_setup = chosen(paths.choice_file)
    try:
        text = read_config_file(paths.config_file)
        return load(environment, text, source=str(paths.config_file), chosen=from_setup)
    except ConfigInvalid as error:
        raise _invalid(error.problems, paths) from error


def require_named_file(paths: Paths) -> None:
    """Raise StartFailed where REVENGE_CONFIG_FILE names nothing: defaults would be a surprise."""
    if paths.is_config_required and not is_there(paths.config_file):
        raise StartFailed(
            f"The configuration file {paths.config_file} is not there. Make it, or correct REVENGE_CONFIG_FILE.",
            code="config.missing",
            folder=str(paths.config_file.parent),
            where=str(paths.config_file),
        )


def _invalid(problems: Sequence[Problem], paths: Paths) -> StartFailed:
    """Return all problems in words, and the first as data; `config_file` is there where it can be mended in it."""
    first, *others = problems
    is_in_file = first.where.startswith(str(paths.config_file))
    return StartFailed(
        "\n".join(sentence(problem) for problem in problems),
        code=first.code,
        config_file=str(paths.config_file) if is_in_file else None,
        other_count=len(others),
        **first.context,
    )


def sentence(problem: Problem) -> str:
    """Return what is wrong in words."""
    return Messages.load().text("en", problem.code, problem.context).detail


def log_warnings(loaded: Loaded) -> None:
    """Write the harmless problems of the configuration to the log."""
    for problem in loaded.warnings:
        log.warning("configuration", problem=sentence(problem))


def changed_address(config: Config, *, host: str | None, port: int | None) -> tuple[str, int]:
    """Return where to listen: the command line wins over the configuration."""
    return host or config.server.host, config.server.port if port is None else port
