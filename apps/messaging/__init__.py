"""The single way out: every message leaves through the outbox."""
