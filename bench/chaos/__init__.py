"""The fault loop: a real server under load, whose parts are killed, stopped and misled at random."""
