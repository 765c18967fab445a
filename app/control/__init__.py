"""The loopback control listener."""
