"""What a credit pays."""
