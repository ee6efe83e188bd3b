"""What an order and a refund must satisfy, and what each is worth: pure decisions."""
