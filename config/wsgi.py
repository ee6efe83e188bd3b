"""Pages, webhooks and the API, for a WSGI server."""

import os
from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.core.wsgi import get_wsgi_application

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIEnvironment

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
pages = get_wsgi_application()

from config.machines import PATHS, MachineHandler  # noqa: E402  (needs the set-up)

machines = MachineHandler()


def application(
    environ: "WSGIEnvironment", start_response: "StartResponse"
) -> Iterable[bytes]:
    """Answer a request: webhooks by the short way, all else through the middleware."""
    if environ.get("PATH_INFO", "").startswith(PATHS):
        return machines(environ, start_response)
    return pages(environ, start_response)
