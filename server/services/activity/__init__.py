"""The activity log: what happened on the server, for its administrators, and for members what was their own."""
