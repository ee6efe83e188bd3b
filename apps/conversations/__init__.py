"""The inbox: messages, routing, replies."""
