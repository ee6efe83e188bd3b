"""The drawings of the house as SVG: products in several hues, and faces."""
