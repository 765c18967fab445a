"""Pure and native media work, run in worker processes."""
