"""What somebody wrote into the public form, member or not."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.members.models.person import Member
from apps.stores.models import Store


class Inquiry(models.Model):
    """A contact and an interest that were left; a fact that is never changed."""

    member = models.ForeignKey(Member, models.PROTECT, related_name="inquiries")
    # As it was written: no key of the member's, for nobody proved it.
    name = models.CharField(_("姓名"), max_length=60, blank=True)
    phone = models.CharField(_("手機"), max_length=16, blank=True)  # E.164
    email = models.EmailField(_("電子郵件"), blank=True)
    interest = models.CharField(_("有興趣的"), max_length=120)
    note = models.CharField(_("備註"), max_length=300, blank=True)
    # The word of the link that led to the form, such as "ig-bio".
    source = models.CharField(_("來源"), max_length=20)
    store = models.ForeignKey(Store, models.PROTECT, null=True, related_name="+")
    notice = models.CharField(max_length=20)  # the version of the text that was shown
    # A keyed digest of where it came from, to stop floods; nobody can read it back.
    sender = models.CharField(max_length=64, blank=True)
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("詢問")
        verbose_name_plural = pgettext_lazy("plural", "詢問")
        indexes = [
            models.Index(fields=["member", "-at"]),
            models.Index(fields=["sender", "-at"]),
        ]

    def __str__(self) -> str:
        return f"{self.member_id} {self.interest}"
