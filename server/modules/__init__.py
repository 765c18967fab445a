"""Content modules, in the order of the menus."""

from server.modules.movie.module import MODULE as MOVIE

MODULES = (MOVIE,)
