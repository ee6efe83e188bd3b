"""Who did what to whom, never changed."""
