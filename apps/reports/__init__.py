"""Figures over all rooms."""
