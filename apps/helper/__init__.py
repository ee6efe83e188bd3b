"""The store helper on tablet and phone."""
