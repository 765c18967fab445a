"""The catalogue: every thing in a library is an item here, whatever module it belongs to."""
