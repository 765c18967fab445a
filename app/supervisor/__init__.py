"""Programs that the server runs as its children."""
