"""How a refusal looks to a customer."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse

from apps.channels.line import login
from apps.core.errors import Refused
from apps.shopper import brand
from apps.ui.htmx import page

View = Callable[..., HttpResponse]

STATUS = {"forged": 404, "link_unknown": 404, "revoked": 410, "link_expired": 410}


def friendly(view: View) -> View:
    """Turn a refusal of the view into a page with a way to reach a person."""

    @wraps(view)
    def kind(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except Refused as refusal:
            return refused(request, refusal)

    return kind


def refused(
    request: HttpRequest, refusal: Refused, *, retry_url: str = "", **context: Any
) -> HttpResponse:
    """Show what was refused; `retry_url` is where the customer may try again."""
    facts = {"code": refusal.code, "message": refusal.message, "retry_url": retry_url}
    if refusal.code != "no_account":
        line = brand.account()
        facts |= {
            "chat_url": brand.chat_url(line),
            "friend_url": login.add_friend_url(line),
        }
    status = STATUS.get(refusal.code, 422)
    return page(request, "shopper/refused.html", facts | context, status=status)
