"""The stand-in, for the adapter's own tests."""

from tests.line_platform import line_platform, line_server

__all__ = ["line_platform", "line_server"]
