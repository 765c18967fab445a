"""The first steps of a new server, as data that browser, windows and console render alike."""
