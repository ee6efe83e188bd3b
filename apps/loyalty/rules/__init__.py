"""What loyalty decides: figures in, an answer with its reason out."""
