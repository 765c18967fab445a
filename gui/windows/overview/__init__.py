"""Overview: how the server and its parts fare, where it is, what goes on."""
