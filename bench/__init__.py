"""Benchmarks: each prints medians and ratios; docs/benchmarks.md has the bars and the commands."""
