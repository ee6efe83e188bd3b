"""Commands of the design system."""
