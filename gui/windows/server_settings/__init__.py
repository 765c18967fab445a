"""The settings of the server, as controls made out of their JSON Schema."""
