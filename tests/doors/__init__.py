"""Tests of the doors: what people and machines meet."""
