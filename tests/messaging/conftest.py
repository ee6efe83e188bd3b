"""The stand-in, for the outbox's tests."""

from tests.line_platform import line_platform, line_server

__all__ = ["line_platform", "line_server"]
