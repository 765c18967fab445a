"""The version of this program, cheap to ask: the handshake says it before anything heavy is loaded."""

from importlib.metadata import PackageNotFoundError, version


def app_version() -> str:
    """Return the version, such as 1.2.0."""
    try:
        return version("revenge")
    except PackageNotFoundError:  # started from its folder, not installed
        return "0.1.0"
