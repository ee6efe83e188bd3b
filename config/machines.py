"""A short way to the webhooks: no middleware, for none of it is for machines.

Sessions, languages, messages, sign-in, static files and page policies cost twice what
storing an event costs (`manage.py bench webhook`). LINE proves itself by a signature
over the body, which the view checks; nothing here knows a person.
"""

from __future__ import annotations

from django.core.handlers.exception import convert_exception_to_response
from django.core.handlers.wsgi import WSGIHandler

PATHS = "/webhooks/line/"


class MachineHandler(WSGIHandler):
    """Django's own handler, its views called without middleware around them."""

    def load_middleware(self, is_async: bool = False) -> None:  # noqa: FBT001, FBT002
        """Load none; what a view raises still becomes an answer."""
        self._view_middleware: list[object] = []
        self._template_response_middleware: list[object] = []
        self._exception_middleware: list[object] = []
        self._middleware_chain = convert_exception_to_response(
            self._get_response  # type: ignore[attr-defined]  # the stubs lack it
        )
