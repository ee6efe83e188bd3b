"""Which member a browser's visitor turned out to be."""

from __future__ import annotations

from django.db import models

from apps.members.models import Member


class Visitor(models.Model):
    """A visitor's cookie and the member behind it, by their own sign-in.

    A device that changed hands is the member's from `since` on.
    """

    key = models.CharField(max_length=40, unique=True)
    member = models.ForeignKey(Member, models.PROTECT, related_name="visitors")
    since = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.key
