"""Files in: read, mapped, tried, taken, and every bad row handed back with why."""
