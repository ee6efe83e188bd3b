"""The platform's HTTP side: Messaging API, tokens, validation, limits and faults."""
