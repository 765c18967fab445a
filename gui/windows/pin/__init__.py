"""A window for a few secret digits; it says no more than that."""
