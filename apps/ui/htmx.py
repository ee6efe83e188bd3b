"""The one place that chooses between a whole page and a fragment of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.cache import patch_vary_headers


def wants_fragment(request: HttpRequest) -> bool:
    """Say whether htmx asks for a part of the page, not for all of it."""
    headers = request.headers
    return headers.get("HX-Request") == "true" and not (
        headers.get("HX-Boosted") or headers.get("HX-History-Restore-Request")
    )


def page(
    request: HttpRequest,
    template: str,
    context: Mapping[str, Any] | None = None,
    *,
    fragment: str | tuple[str, ...] | None = None,
    status: int = 200,
) -> HttpResponse:
    """Render the page, or its fragment when htmx asks for one.

    `fragment` names a `{% partialdef %}` of the template. Of several, the one whose
    name is the id of htmx's target is rendered, else the first.
    """
    name = template
    if fragment and wants_fragment(request):
        name = f"{template}#{_chosen(request, fragment)}"
    response = render(request, name, dict(context or {}), status=status)
    patch_vary_headers(response, ["HX-Request", "HX-Target"])
    return response


def _chosen(request: HttpRequest, fragment: str | tuple[str, ...]) -> str:
    if isinstance(fragment, str):
        return fragment
    target = request.headers.get("HX-Target", "")
    return target if target in fragment else fragment[0]


def go(request: HttpRequest, url: str) -> HttpResponse:
    """Send the browser to a page after a deed, whether htmx or a form asked."""
    if request.headers.get("HX-Request") != "true":
        return HttpResponseRedirect(url)
    return HttpResponse(status=204, headers={"HX-Redirect": url})


def announce(response: HttpResponse, event: str, **facts: Any) -> HttpResponse:
    """Tell the page of a fact: htmx fires `event` on the element that asked."""
    events = json.loads(response.headers.get("HX-Trigger", "{}"))
    response["HX-Trigger"] = json.dumps(events | {event: facts})
    return response


def toast(response: HttpResponse, message: str, *, undo: str = "") -> HttpResponse:
    """Show a passing message with the answer; `undo` is the URL that takes it back."""
    facts = {"message": str(message)} | ({"undo": undo} if undo else {})
    return announce(response, "toast", **facts)
