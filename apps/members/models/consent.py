"""What the member agreed to, as facts that are never changed."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.members.models.person import Member


class Consent(models.Model):
    """The member said yes or no to being contacted: a fact that is never changed."""

    class Purpose(models.TextChoices):
        TERMS = "terms", _("會員條款與個人資料告知")
        MARKETING = "marketing", _("新品與優惠")

    member = models.ForeignKey(Member, models.PROTECT, related_name="consents")
    channel = models.CharField(max_length=12)
    purpose = models.CharField(max_length=12, choices=Purpose)
    is_granted = models.BooleanField()
    source = models.CharField(max_length=20)
    notice = models.CharField(max_length=20)  # the version of the text that was shown
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("同意紀錄")
        verbose_name_plural = pgettext_lazy("plural", "同意紀錄")
        indexes = [models.Index(fields=["member", "purpose", "channel", "-at"])]

    def __str__(self) -> str:
        return f"{self.member} {self.purpose} {self.is_granted}"
