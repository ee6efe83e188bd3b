"""What every request passes: it gets an id, and a refusal becomes a readable page."""

import re
import uuid
from collections.abc import Callable

import structlog
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from apps.core.errors import Refused

REQUEST_ID = re.compile(r"[\w-]{8,64}", re.ASCII)


class RequestIdMiddleware:
    """Give the request an id, its proxy's own if there is one, in logs and answer."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on with its id known to every line that is logged."""
        given = request.headers.get("X-Request-ID", "")
        request_id = given if REQUEST_ID.fullmatch(given) else uuid.uuid4().hex
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            response = self.get_response(request)
        response["X-Request-ID"] = request_id
        return response


class RefusedMiddleware:
    """Answer 422 with the refusal's message, as JSON, a fragment or a page."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on."""
        return self.get_response(request)

    def process_exception(
        self, request: HttpRequest, exception: Exception
    ) -> HttpResponse | None:
        """Answer a refusal; leave everything else to crash."""
        if not isinstance(exception, Refused):
            return None
        facts = {"code": exception.code, "message": exception.message}
        if request.content_type == "application/json":
            return JsonResponse(facts, status=422)
        if request.headers.get("HX-Request"):
            return render(request, "ui/refused_banner.html", facts, status=422)
        return render(request, "ui/refused.html", facts, status=422)
