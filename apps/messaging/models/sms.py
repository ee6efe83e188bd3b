"""A short message to a telephone, from the wish to the outcome."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from encrypted_fields.fields import EncryptedTextField


class ShortMessage(models.Model):
    """One text to one number.

    Gateways know no retry key that all of them honour: after a call whose end is not
    known the message is `unknown` and not sent again by itself. The text is encrypted
    and forgotten once the message is settled, for it may be a one-time code.
    """

    class State(models.TextChoices):
        QUEUED = "queued", _("等待傳送")
        SENDING = "sending", _("傳送中")
        ACCEPTED = "accepted", _("已送出")
        FAILED = "failed", _("沒送出")
        EXPIRED = "expired", _("逾時未送")
        UNKNOWN = "unknown", _("無法確認")

    LIVE = (State.QUEUED, State.SENDING)

    to = models.CharField(_("電話"), max_length=16)  # E.164
    text = EncryptedTextField(null=True)
    purpose = models.CharField(_("用途"), max_length=20)  # such as "code"
    reference = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    state = models.CharField(
        _("狀態"), max_length=10, choices=State, default=State.QUEUED
    )
    reason = models.CharField(_("原因"), max_length=300, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    not_before = models.DateTimeField()
    # After this the text is worth nothing any more and is not sent.
    expires_at = models.DateTimeField()
    leased_until = models.DateTimeField(null=True)
    external_id = models.CharField(max_length=80, blank=True)
    created_at = models.DateTimeField(_("建立時間"))
    settled_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("簡訊")
        verbose_name_plural = pgettext_lazy("plural", "簡訊")
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["queued", "sending"], settled_at=None)
                | Q(settled_at__isnull=False, text=None),
                name="a_settled_text_is_forgotten",
            ),
        ]
        indexes = [
            models.Index(
                "not_before",
                condition=Q(state__in=["queued", "sending"]),
                name="short_message_due",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} {self.pk} {self.state}"
