"""Conversations in the admin: to see where one lies and why. Nobody writes here."""

from __future__ import annotations

from django.contrib import admin

from apps.audit.admin import ReadOnlyAdmin
from apps.conversations.models import Conversation


@admin.register(Conversation)
class ConversationAdmin(ReadOnlyAdmin):
    """Whose desk each lies on; what was said is read in the inbox alone."""

    list_display = (
        "member", "account", "desk", "staff", "desk_reason", "status", "is_blocked",
        "last_message_at",
    )  # fmt: skip
    list_filter = ("desk", "status", "desk_reason", "is_blocked")
    list_select_related = ("member", "account", "staff")
    search_fields = ("address", "member__name", "member__number")
    ordering = ("-last_message_at",)
    show_full_result_count = False
    exclude = ("preview", "reply_token")
