"""The profiles of an account, and the way to their PINs."""
