"""The components of the design system, one module for each sort."""
