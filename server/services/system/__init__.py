"""How the server, the programs beside it and the computer below it fare."""
