"""People, roles and postings."""
