"""What may be given to those who help, read before it is saved."""
