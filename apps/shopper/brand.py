"""The account that the customer's pages speak for, and the addresses that open LINE."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from apps.channels.line import login
from apps.channels.models import Account
from apps.core.errors import Refused
from apps.ui.htmx import page


def show(
    request: HttpRequest,
    template: str,
    context: Mapping[str, Any] | None = None,
    *,
    status: int = 200,
) -> HttpResponse:
    """Render a page for customers, under the name they know: the account's."""
    facts = {"brand_name": account().name, **(context or {})}
    return page(request, template, facts, status=status)


def account() -> Account:
    """Return the brand's LINE account; Refused "no_account" before one is set up."""
    found = (
        Account.objects.filter(channel=Account.Channel.LINE, is_active=True)
        .order_by("pk")
        .first()
    )
    if found is None:
        raise Refused("no_account", _("LINE 官方帳號還沒設定好，請晚點再試。"))
    return found


def chat_url(line: Account) -> str:
    """Return the address that opens the account's chat with nothing typed in."""
    return login.prefilled_url(line, "").rstrip("?")
