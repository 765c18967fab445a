"""The libraries: their folders, their scans, and what could not be read."""
