"""The one error that ends a start: its text is a sentence for the person at the console."""


class StartFailed(Exception):
    """The server cannot start; the text says why and what to do, and holds no secret."""
