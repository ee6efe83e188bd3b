"""The verbs of the platform: what people do, and what accounts send them."""
