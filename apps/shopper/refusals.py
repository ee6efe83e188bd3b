"""How a refusal looks to a customer."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from apps.core.errors import Refused
from apps.shopper import brand
from apps.ui.htmx import page

View = Callable[..., HttpResponse]

HEADINGS = {
    "inactive": _("這位店員目前不在"),
    "revoked": _("這個 QR 已經停用"),
    "denied": _("沒有登入"),
    "expired": _("登入逾時"),
    "link_unknown": _("找不到這個連結"),
    "link_expired": _("連結過期了"),
    "link_target": _("這個連結不能用了"),
}
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
    facts = {
        "code": refusal.code,
        "heading": HEADINGS.get(refusal.code, _("沒有完成")),
        "message": refusal.message,
        "retry_url": retry_url,
        **context,
    }
    status = STATUS.get(refusal.code, 422)
    if refusal.code == "no_account":
        return page(request, "shopper/refused.html", facts, status=status)
    facts["chat_url"] = brand.chat_url(brand.account())
    return brand.show(request, "shopper/refused.html", facts, status=status)
