"""The mark in the panel: how the server fares, and the way to everything else."""
