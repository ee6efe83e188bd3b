"""Orders of every channel and their refunds."""
