"""What the inbox decides: whose desk, how long, what a message holds. No database."""
