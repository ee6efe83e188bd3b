"""What the shop sells and where it lies."""
