"""Turn a refusal that no view caught into a page a person can read."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from apps.core.errors import Refused


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
