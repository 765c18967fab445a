"""The latest lines of the log, live."""
