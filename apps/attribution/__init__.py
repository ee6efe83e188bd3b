"""Who earned each order line, and why."""
