"""The inbox, the same for HQ and for the stores: who sees what is a scope."""
