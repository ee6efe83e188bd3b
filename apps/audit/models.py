"""Who did what to whom: rows that are added and never changed."""

from django.db import models
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class AuditEntry(models.Model):
    """One act. `actor` names the person, or the process that acted by itself."""

    at = models.DateTimeField()
    actor_id = models.BigIntegerField(null=True)
    actor = models.CharField(max_length=80)
    action = models.CharField(max_length=60)
    target_type = models.CharField(max_length=40)
    target_id = models.CharField(max_length=40)
    facts = models.JSONField(default=dict)
    # The transaction that wrote the row: what is sealed is what no open transaction
    # can still add to.
    transaction = models.BigIntegerField(db_default=RawSQL("txid_current()", []))

    class Meta:
        verbose_name = _("異動紀錄")
        verbose_name_plural = pgettext_lazy("plural", "異動紀錄")
        indexes = [
            models.Index(fields=["target_type", "target_id", "-at"]),
            models.Index(fields=["actor_id", "-at"]),
            models.Index(fields=["transaction", "id"]),
        ]

    def __str__(self) -> str:
        return f"{self.actor} {self.action} {self.target_type} {self.target_id}"


class AuditSeal(models.Model):
    """A link of the hash chain over a batch of entries, in order of (transaction, id).

    Sealing in batches: a chain inside each transaction makes writes seven times slower.
    """

    sealed_at = models.DateTimeField()
    last_transaction = models.BigIntegerField()
    entries = models.PositiveIntegerField()
    previous = models.BinaryField(max_length=32)
    digest = models.BinaryField(max_length=32)

    def __str__(self) -> str:
        return f"seal {self.pk} of {self.entries}"
