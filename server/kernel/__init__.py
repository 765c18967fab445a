"""What every slice stands on; no product word in it."""
