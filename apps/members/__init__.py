"""One person across channels, and who serves them."""
