"""The first steps on a new server, one question a page."""
