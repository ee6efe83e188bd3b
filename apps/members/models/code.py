"""A code sent to a telephone, to prove whose it is."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

MOST_TRIES = 5


class OneTimeCode(models.Model):
    """A code for one number and purpose: a few minutes, a few tries, used once.

    Only its keyed digest is kept; the code itself is in the message that is sent.
    """

    phone = models.CharField(max_length=16)  # E.164
    purpose = models.CharField(max_length=20)
    asked_by = models.CharField(max_length=40)  # such as "member:12"
    digest = models.CharField(max_length=64)
    tries = models.PositiveSmallIntegerField(default=0)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("驗證碼")
        verbose_name_plural = pgettext_lazy("plural", "驗證碼")
        constraints = [
            models.CheckConstraint(
                condition=Q(tries__lte=MOST_TRIES), name="a_code_has_few_tries"
            ),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("made_at")), name="a_code_lives_a_while"
            ),
        ]
        indexes = [
            models.Index(fields=["phone", "purpose", "-made_at"]),
            models.Index(fields=["asked_by", "-made_at"]),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} {self.pk}"
