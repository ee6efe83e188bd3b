"""What the member agreed to, as facts that are never changed."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.members.models.person import Member
from apps.staff.models import Staff


class Consent(models.Model):
    """The member said yes or no to being contacted: a fact that is never changed."""

    class Channel(models.TextChoices):
        LINE = "line", "LINE"
        SMS = "sms", _("簡訊")
        EMAIL = "email", _("電子郵件")
        APP_PUSH = "app_push", _("App 推播")
        MESSENGER = "messenger", "Messenger"
        PHONE = "phone", _("電話")

    class Purpose(models.TextChoices):
        TERMS = "terms", _("會員條款與個人資料告知")
        MARKETING = "marketing", _("新品與優惠")
        SERVICE = "service", _("服務通知")

    class Source(models.TextChoices):
        """Where an answer is given in our own pages; files and machines name theirs."""

        MEMBER_PAGE = "member_page", _("會員自己的頁面")
        HQ = "hq", _("總部代為登錄")
        BIND = "bind", _("綁定時")
        LEAD = "lead", _("入會表單")

    member = models.ForeignKey(Member, models.PROTECT, related_name="consents")
    channel = models.CharField(max_length=12, choices=Channel)
    purpose = models.CharField(max_length=12, choices=Purpose)
    is_granted = models.BooleanField()
    source = models.CharField(max_length=20)
    notice = models.CharField(max_length=20)  # the version of the text that was shown
    # Set where staff wrote down what the member said, and how they came to hear it.
    said_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    reason = models.CharField(max_length=200, blank=True, default="")
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("同意紀錄")
        verbose_name_plural = pgettext_lazy("plural", "同意紀錄")
        indexes = [models.Index(fields=["member", "purpose", "channel", "-at"])]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(said_by=None) | ~models.Q(reason=""),
                name="who_answers_for_a_member_says_why",
            )
        ]

    def __str__(self) -> str:
        return f"{self.member} {self.purpose} {self.is_granted}"

    @property
    def source_words(self) -> str:
        """Return where it was said, in words where we have them."""
        known = dict(self.Source.choices)
        return str(known.get(self.source, self.source))
