"""Boot configuration: environment over file over defaults, typed, with a sentence for every mistake."""

from server.kernel.config.change import change
from server.kernel.config.keys import KEYS, OTHER_VARIABLES, Key
from server.kernel.config.load import Loaded, Said, load
from server.kernel.config.model import (
    Auth,
    Config,
    Database,
    Limits,
    Logging,
    Pool,
    Server,
    Tracing,
)
from server.kernel.config.problems import (
    CODES,
    ConfigFileGone,
    ConfigFileUnreadable,
    ConfigInvalid,
    ConfigStale,
    Problem,
    problem,
)
from server.kernel.config.show import check, docs, show, value_of
from server.kernel.config.text import Entry, read_config_file

__all__ = [
    "CODES",
    "KEYS",
    "OTHER_VARIABLES",
    "Auth",
    "Config",
    "ConfigFileGone",
    "ConfigFileUnreadable",
    "ConfigInvalid",
    "ConfigStale",
    "Database",
    "Entry",
    "Key",
    "Limits",
    "Loaded",
    "Logging",
    "Pool",
    "Problem",
    "Said",
    "Server",
    "Tracing",
    "change",
    "check",
    "docs",
    "load",
    "problem",
    "read_config_file",
    "show",
    "value_of",
]
