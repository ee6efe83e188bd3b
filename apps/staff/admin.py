"""People and their postings, as HQ keeps them; nobody is ever deleted."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext, gettext_lazy, ngettext

from apps.audit.admin import AuditedAdmin
from apps.core import clock
from apps.core.errors import Refused
from apps.staff import services
from apps.staff.access import person_of
from apps.staff.models import Posting, Staff


class StaffCreationForm(AdminUserCreationForm):  # type: ignore[type-arg]  # no generic at runtime
    """A new person with a first password, or with none yet."""

    class Meta:
        model = Staff
        fields = ("code", "name", "role")


class StaffChangeForm(UserChangeForm):  # type: ignore[type-arg]  # no generic at runtime
    """What HQ knows of a person."""

    class Meta:
        model = Staff
        fields = "__all__"
        field_classes: dict[str, type] = {}


class PostingInline(admin.TabularInline):  # type: ignore[type-arg]  # no generic at runtime
    """Where the person serves, and when."""

    model = Posting
    extra = 0
    ordering = ("-starts_on",)
    autocomplete_fields = ("store",)


@admin.register(Staff)
class StaffAdmin(AuditedAdmin, UserAdmin):  # type: ignore[type-arg]  # no generic at runtime
    """People of HQ and of the stores."""

    form = StaffChangeForm
    add_form = StaffCreationForm
    list_display = ("code", "name", "role", "posted_to", "is_active")
    list_filter = ("is_active", "role", "postings__store")
    search_fields = ("code", "name", "name_en", "email")
    ordering = ("code",)
    readonly_fields = ("is_active", "left_on", "last_login")
    filter_horizontal = ()
    inlines = (PostingInline,)
    actions = ("deactivate", "reactivate")
    fieldsets = (
        (None, {"fields": ("code", "password", "role", "is_active")}),
        (
            gettext_lazy("個人資料"),
            {
                "fields": (
                    "name",
                    "name_en",
                    "email",
                    "phone",
                    "address",
                    "joined_on",
                    "left_on",
                )
            },
        ),
        (gettext_lazy("顧客看到的"), {"fields": ("photo", "greeting")}),
        (gettext_lazy("登入"), {"fields": ("last_login",)}),
    )
    add_fieldsets = (
        (
            None,
            {
                "classes": ("wide",),
                "fields": (
                    "code", "name", "role", "usable_password", "password1", "password2",
                ),
            },
        ),
    )  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[Staff]:
        """Bring today's postings with the people."""
        today = Posting.objects.on(clock.today()).select_related("store")
        return (
            super()
            .get_queryset(request)
            .prefetch_related(
                Prefetch("postings", queryset=today, to_attr="postings_today")
            )
        )

    @admin.display(description=gettext_lazy("派駐"))
    def posted_to(self, person: Staff) -> str:
        """Name today's stores."""
        today: list[Posting] = getattr(person, "postings_today", [])
        return gettext("、").join(posting.store.label for posting in today)

    def has_delete_permission(
        self, request: HttpRequest, obj: Staff | None = None
    ) -> bool:
        """Refuse: leavers are deactivated, their history stays."""
        return False

    @admin.action(description=gettext_lazy("停用（離職）"))
    def deactivate(self, request: HttpRequest, chosen: QuerySet[Staff]) -> None:
        """Let the chosen go as of today."""
        by, now = person_of(request), clock.now()
        self._each(
            request,
            chosen,
            lambda who: services.deactivate(who, by=by, now=now),
        )

    @admin.action(description=gettext_lazy("恢復任用"))
    def reactivate(self, request: HttpRequest, chosen: QuerySet[Staff]) -> None:
        """Take the chosen back."""
        by, now = person_of(request), clock.now()
        self._each(
            request,
            chosen,
            lambda who: services.reactivate(who, by=by, now=now),
        )

    def _each(
        self,
        request: HttpRequest,
        chosen: QuerySet[Staff],
        verb: Callable[[Staff], Staff],
    ) -> None:
        """Do it for each, and tell what was refused and why."""
        done = 0
        for person in chosen:
            try:
                verb(person)
            except Refused as refusal:
                self.message_user(request, refusal.message, messages.WARNING)
            else:
                done += 1
        if done:
            words = ngettext("已更新 %(count)s 人。", "已更新 %(count)s 人。", done)
            self.message_user(request, words % {"count": done}, messages.SUCCESS)


@admin.register(Posting)
class PostingAdmin(AuditedAdmin):
    """Who serves where, and when."""

    list_display = ("staff", "store", "starts_on", "ends_on", "is_main")
    list_filter = ("store", "is_main")
    list_select_related = ("staff", "store")
    search_fields = ("staff__code", "staff__name", "store__name")
    autocomplete_fields = ("staff", "store")
    date_hierarchy = "starts_on"
