"""How what is kept of members was compared with their orders, and computed anew."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class FactsCheck(models.Model):
    """A comparison of a sample of members' facts with what their orders say."""

    at = models.DateTimeField(_("時間"))
    looked_at = models.PositiveIntegerField(_("抽查會員數"))
    differing = models.PositiveIntegerField(_("不符會員數"))
    # The first of those that differ, by id.
    members = ArrayField(models.BigIntegerField(), default=list, verbose_name=_("會員"))
    # Since when all that was found is computed anew.
    settled_at = models.DateTimeField(_("重算完成"), null=True)

    class Meta:
        verbose_name = _("會員彙總檢查")
        verbose_name_plural = pgettext_lazy("plural", "會員彙總檢查")
        ordering = ["-at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(differing__lte=models.F("looked_at")),
                name="differing_members_were_looked_at",
            )
        ]
        indexes = [
            models.Index("at", name="facts_check_open",
                         condition=Q(settled_at=None, differing__gt=0)),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d}: {self.differing} / {self.looked_at}"


class FactsRebuild(models.Model):
    """Everybody's facts computed anew, a portion of members at a time.

    Kept in the transaction of each portion: a killed one goes on where it stopped.
    """

    started_at = models.DateTimeField(_("開始"))
    finished_at = models.DateTimeField(_("完成"), null=True)
    reached = models.BigIntegerField(_("已算到的會員"), default=0)  # the last id done
    changed = models.PositiveIntegerField(_("有更正的會員數"), default=0)

    class Meta:
        verbose_name = _("會員彙總重算")
        verbose_name_plural = pgettext_lazy("plural", "會員彙總重算")
        ordering = ["-started_at"]
        constraints = [
            models.UniqueConstraint(
                models.Value(1), condition=Q(finished_at=None), name="one_facts_rebuild"
            )
        ]

    def __str__(self) -> str:
        return f"{self.started_at:%Y-%m-%d}: {self.reached}"
