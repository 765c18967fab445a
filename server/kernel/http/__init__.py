"""Typed routes over Quart."""
