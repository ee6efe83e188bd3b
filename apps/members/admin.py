"""Look at members and their bonds; what may be done goes through the services."""

from __future__ import annotations

from django.contrib import admin, messages
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.audit.admin import AuditedAdmin, ReadOnlyAdmin
from apps.core import clock
from apps.members import services as members
from apps.members.models import Binding, BindingCode, Consent, Identity, Member, Tag
from apps.staff.access import person_of
from apps.ui.words import masked_phone


class ReadOnlyInline(admin.TabularInline):  # type: ignore[type-arg]  # no generic at runtime
    """Rows of a member that are looked at, not changed."""

    extra = 0
    can_delete = False

    def has_add_permission(
        self, request: HttpRequest, obj: Model | None = None
    ) -> bool:
        """Refuse: the services write these."""
        return False

    def has_change_permission(
        self, request: HttpRequest, obj: Model | None = None
    ) -> bool:
        """Refuse: the services write these."""
        return False


class IdentityInline(ReadOnlyInline):
    """The keys other systems know the member by."""

    model = Identity
    fields = ("kind", "account", "shown", "friend", "created_at")
    readonly_fields = fields

    @admin.display(description=gettext_lazy("值"))
    def shown(self, identity: Identity) -> str:
        """Mask telephone numbers."""
        is_phone = identity.kind == Identity.Kind.PHONE
        return masked_phone(identity.value) if is_phone else identity.value


class BindingInline(ReadOnlyInline):
    """Who the member was bound to, and when."""

    model = Binding
    fields = readonly_fields = ("staff", "store", "period", "source")
    ordering = ("-pk",)


class ConsentInline(ReadOnlyInline):
    """What the member agreed to, with its proof."""

    model = Consent
    fields = readonly_fields = (
        "purpose", "channel", "is_granted", "notice", "source", "at",
    )  # fmt: skip
    ordering = ("-at",)


@admin.register(Member)
class MemberAdmin(ReadOnlyAdmin):
    """Customers."""

    list_display = ("number", "name", "nickname", "phone_masked", "stage", "created_at")
    list_filter = ("stage", "entry")
    search_fields = ("number", "name", "nickname", "identities__value")
    exclude = ("phone",)
    readonly_fields = ("phone_masked",)
    inlines = (IdentityInline, BindingInline, ConsentInline)
    actions = ("unbind",)
    show_full_result_count = False

    @admin.display(description=gettext_lazy("手機"))
    def phone_masked(self, member: Member) -> str:
        """Hide the middle of the number."""
        return masked_phone(member.phone)

    @admin.action(description=gettext_lazy("解除綁定"))
    def unbind(self, request: HttpRequest, chosen: QuerySet[Member]) -> None:
        """End the bonds of the chosen members."""
        by, now = person_of(request), clock.now()
        ended = [members.unbind(one, by=by, now=now) for one in chosen]
        count = sum(binding is not None for binding in ended)
        self.message_user(
            request, _("已解除 %(count)s 筆綁定。") % {"count": count}, messages.SUCCESS
        )


@admin.register(BindingCode)
class BindingCodeAdmin(ReadOnlyAdmin):
    """The codes behind the printed QR."""

    list_display = ("code", "staff", "store", "created_at", "revoked_at")
    list_filter = (("revoked_at", admin.EmptyFieldListFilter), "store")
    list_select_related = ("staff", "store")
    search_fields = ("code", "staff__code", "staff__name", "store__name")
    actions = ("revoke",)

    @admin.action(description=gettext_lazy("停用綁定碼"))
    def revoke(self, request: HttpRequest, chosen: QuerySet[BindingCode]) -> None:
        """End the chosen codes."""
        by, now = person_of(request), clock.now()
        for code in chosen:
            members.revoke(code, by=by, now=now)
        self.message_user(request, _("已停用。"), messages.SUCCESS)


@admin.register(Binding)
class BindingAdmin(ReadOnlyAdmin):
    """Every bond there was."""

    list_display = ("member", "staff", "store", "period", "source")
    list_filter = ("source", "store")
    list_select_related = ("member", "staff", "store")
    search_fields = ("member__number", "member__name", "staff__name")
    ordering = ("-pk",)
    show_full_result_count = False


@admin.register(Tag)
class TagAdmin(AuditedAdmin):
    """Words about members."""

    list_display = ("name",)
    search_fields = ("name",)
    fields = ("name",)
