"""Tiers and who stands where."""
