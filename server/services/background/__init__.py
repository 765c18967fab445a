"""Background work as a whole: an administrator may let it rest."""
