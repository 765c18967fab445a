"""Playback: the bytes of files and pictures, for those who may see their items."""
