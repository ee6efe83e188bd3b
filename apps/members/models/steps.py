"""Who took a step that may be rewarded, until somebody looked whether it is."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.members.models.person import Member


class FirstStep(models.Model):
    """A member registered, filled in their profile or said yes: gifts may be due.

    The row is the job; the room of loyalty takes it away when it has looked.
    """

    member = models.OneToOneField(
        Member, models.PROTECT, primary_key=True, related_name="+"
    )
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("待看的第一步")
        verbose_name_plural = pgettext_lazy("plural", "待看的第一步")

    def __str__(self) -> str:
        return f"{self.member_id} {self.at}"
