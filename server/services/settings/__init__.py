"""Settings: what administrators change while the server runs, with its history."""
