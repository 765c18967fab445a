"""Signing in: the windows act as a user of the server."""
