"""What became of a person who showed interest but has not registered."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.members.models.person import Member
from apps.members.querysets import LeadQuerySet
from apps.staff.models import Staff
from apps.stores.models import Store


class Lead(models.Model):
    """What is known of a lead's interest, and who looks after it.

    A member at stage lead without a row is a new one that nobody was given.
    """

    class State(models.TextChoices):
        NEW = "new", _("新進")
        ASSIGNED = "assigned", _("已指派")
        CONTACTED = "contacted", _("已聯絡")
        CONVERTED = "converted", _("已成為會員")
        CLOSED = "closed", _("不再跟進")

    member = models.OneToOneField(
        Member, models.PROTECT, primary_key=True, related_name="lead"
    )
    interest = models.CharField(_("有興趣的"), max_length=120, blank=True)
    note = models.CharField(_("備註"), max_length=300, blank=True)
    state = models.CharField(_("狀態"), max_length=10, choices=State, default=State.NEW)
    staff = models.ForeignKey(
        Staff, models.PROTECT, null=True, blank=True, related_name="leads"
    )
    store = models.ForeignKey(
        Store, models.PROTECT, null=True, blank=True, related_name="leads"
    )
    assigned_at = models.DateTimeField(null=True)
    changed_at = models.DateTimeField()

    objects = LeadQuerySet.as_manager()

    class Meta:
        verbose_name = _("潛在顧客")
        verbose_name_plural = pgettext_lazy("plural", "潛在顧客")

    def __str__(self) -> str:
        return f"{self.member} {self.state}"
