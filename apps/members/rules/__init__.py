"""What the rooms of members decide, without database or clock."""
