"""A stand-in for the LINE platform and a small brand shop."""
