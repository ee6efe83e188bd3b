"""Regions and stores."""
