"""Which rows of loyalty a question is about."""
