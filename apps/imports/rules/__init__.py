"""How cells are read and columns recognised; no Django, no clock."""
