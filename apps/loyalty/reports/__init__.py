"""What HQ and stores read of loyalty."""
