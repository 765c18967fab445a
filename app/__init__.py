"""Our processes: how they start, watch each other and stop."""
