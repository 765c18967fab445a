"""One folder a window: a presenter without Qt, a view without logic."""
