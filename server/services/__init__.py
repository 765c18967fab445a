"""Slices that all content modules share."""
