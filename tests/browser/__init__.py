"""Whole paths, in Chromium, against the running processes."""
