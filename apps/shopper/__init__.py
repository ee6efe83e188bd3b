"""The member's pages inside LINE."""
