"""The phones: a wall of them, and each one with its chats and its browser."""
