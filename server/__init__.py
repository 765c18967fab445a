"""The server process: everything behind HTTP."""
