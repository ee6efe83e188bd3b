"""HQ's back office."""
