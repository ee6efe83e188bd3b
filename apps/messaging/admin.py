"""The outbox in the admin, to look at and to help; and the accounts, with a record."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django.contrib import admin, messages
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from apps.audit.admin import AuditedAdmin, ReadOnlyAdmin
from apps.channels.admin import AccountAdmin
from apps.channels.models import Account
from apps.core import clock
from apps.core.errors import Refused
from apps.core.jobs import nudge
from apps.messaging import services as messaging
from apps.messaging.models import Attempt, Delivery, Pace, QuotaMonth
from apps.staff.models import Staff

if TYPE_CHECKING:  # Django's own classes are generic in the stubs only
    TabularInline = admin.TabularInline[Attempt, Delivery]
else:
    TabularInline = admin.TabularInline


@admin.register(Account)
class AuditedAccountAdmin(AccountAdmin, AuditedAdmin):
    """Accounts, whose changes are recorded and put to the test at once."""

    def save_model(
        self, request: HttpRequest, obj: Any, form: Any, change: Any
    ) -> None:
        """Save, and ask LINE whether the token works: what was held may go on."""
        super().save_model(request, obj, form, change)
        nudge("apps.messaging.tasks.refresh_quota")


class AttemptInline(TabularInline):
    """The calls of a delivery."""

    model = Attempt
    extra = 0
    can_delete = False
    readonly_fields = ("at", "ended_at", "status", "answer", "request_id")

    def has_add_permission(
        self, request: HttpRequest, obj: models.Model | None = None
    ) -> bool:
        """Refuse: the sender writes these."""
        return False


@admin.register(Delivery)
class DeliveryAdmin(ReadOnlyAdmin):
    """What left the house, and what did not."""

    list_display = ("created_at", "account", "member", "kind", "state", "why")
    list_filter = ("state", "kind", "account")
    list_select_related = ("account", "member")
    ordering = ("-pk",)
    show_full_result_count = False
    inlines = (AttemptInline,)
    exclude = ("reply_token",)
    actions = ("send_again",)

    @admin.action(description=_("重送所選的訊息"))
    def send_again(
        self, request: HttpRequest, queryset: models.QuerySet[Delivery]
    ) -> None:
        """Put back what failed; say of the rest why not."""
        who = cast("Staff", request.user)
        for delivery in queryset.filter(state__in=Delivery.RETRYABLE):
            try:
                messaging.retry(delivery, by=who, now=clock.now())
            except Refused as refused:
                self.message_user(request, refused.message, messages.WARNING)


@admin.register(Pace)
class PaceAdmin(ReadOnlyAdmin):
    """Which accounts are slowed or stopped."""

    list_display = ("account", "troubles", "slowed_until", "stopped_at", "reason")
    list_select_related = ("account",)


@admin.register(QuotaMonth)
class QuotaMonthAdmin(ReadOnlyAdmin):
    """What LINE says of each month."""

    list_display = ("account", "month", "allowed", "used", "fetched_at")
    list_filter = ("account",)
    list_select_related = ("account",)
