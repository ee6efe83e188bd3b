"""How the simulator's views say who may open them: anyone who can reach the machine.

The simulator runs beside the demo and the tests, never in production (`checks`), and
knows no staff. Its control API is for this machine only, by a token.
"""

import hmac
from collections.abc import Callable
from functools import wraps
from typing import Any

from csp.constants import NONCE, NONE, SELF
from csp.decorators import csp_replace
from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt

View = Callable[..., Any]

LOCAL_TOKEN = "simulator-control"  # noqa: S105 (for this machine; see `control_token`)
LOOPBACK = {"127.0.0.1", "::1"}

# The phone shows foreign pages and pictures in a frame, and is itself framed by
# nobody but its own in-app browser.
DIRECTIVES: dict[str, Any] = {
    "default-src": [SELF],
    "script-src": [SELF, NONCE, settings.PUBLIC_URL],
    "style-src": [SELF],
    "img-src": [SELF, "data:", "blob:", "http:", "https:"],
    "connect-src": [SELF, settings.PUBLIC_URL],
    "frame-src": [SELF, "http:", "https:"],
    "object-src": [NONE],
    "base-uri": [SELF],
    "form-action": [SELF, "http:", "https:"],
    "frame-ancestors": [SELF],
}


def simulated(view: View) -> View:
    """Declare a view of the simulator, with the policy its pages need."""
    framed: View = csp_replace(DIRECTIVES)(view)
    setattr(framed, "permission", "simulator")  # noqa: B010 (a function's attribute)
    return framed


def control(view: View) -> View:
    """Declare a view of the control API: from this machine, with the token."""

    @csrf_exempt
    @wraps(view)
    def guarded(request: HttpRequest, **kwargs: str) -> HttpResponse:
        if request.META.get("REMOTE_ADDR") not in LOOPBACK:
            return JsonResponse({"message": "from this machine only"}, status=403)
        expected = f"Bearer {control_token()}"
        given = request.headers.get("Authorization", "")
        if not control_token() or not hmac.compare_digest(
            expected.encode(), given.encode()
        ):
            return JsonResponse({"message": "wrong control token"}, status=401)
        response: HttpResponse = view(request, **kwargs)
        return response

    return simulated(guarded)


def control_token() -> str:
    """Return SIMULATOR_TOKEN; on a development machine a known one stands in."""
    given: str = settings.SIMULATOR_TOKEN
    return given or (LOCAL_TOKEN if settings.LOCAL else "")
