"""What all tests of windows share."""

from tests.helpers.widgets import freed_here

__all__ = ["freed_here"]
