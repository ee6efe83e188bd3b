"""The admin site: which rooms it shows, in which order, and under which names."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.db.models.base import ModelBase
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

# Machinery that other people's packages bring; nobody at HQ keeps these by hand.
HIDDEN = frozenset({"account", "auth", "django_q", "mfa"})
ROOMS = (
    "stores", "staff", "catalog", "members", "loyalty", "channels", "messaging",
    "conversations", "orders", "attribution", "commissions", "gateway", "audit",
)  # fmt: skip


class MasterData(admin.AdminSite):
    """HQ's admin, opened by an HQ admin alone (`Staff.is_staff`)."""

    site_header = _("設定與主檔")
    site_title = _("設定")
    index_title = _("設定與主檔")
    enable_nav_sidebar = True

    def register(
        self,
        model_or_iterable: type[Model] | Iterable[type[Model]],
        admin_class: type[admin.ModelAdmin[Any]] | None = None,
        **options: Any,
    ) -> None:
        """Take a model in, unless it belongs to the machinery."""
        given = (
            [model_or_iterable]
            if isinstance(model_or_iterable, ModelBase)
            else model_or_iterable
        )
        shown = [
            model
            for model in given
            if model._meta.app_label not in HIDDEN  # noqa: SLF001  (documented)
        ]
        super().register(shown, admin_class, **options)

    def get_app_list(
        self, request: HttpRequest, app_label: str | None = None
    ) -> list[Any]:
        """Return the rooms in the order in which a brand is set up."""
        found = super().get_app_list(request, app_label)
        places = {room: place for place, room in enumerate(ROOMS)}
        return sorted(found, key=lambda app: places.get(app["app_label"], len(ROOMS)))
