"""Proofs that need the whole house: real processes, killed and misled on purpose."""
