"""What staff write down about a member for one another."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.members.models.person import Member
from apps.members.querysets import NoteQuerySet
from apps.staff.models import Staff

LONGEST = 1_000


class Note(models.Model):
    """A note about a member; a hidden one is kept with who hid it and when."""

    member = models.ForeignKey(Member, models.PROTECT, related_name="notes")
    text = models.CharField(_("備註"), max_length=LONGEST)
    author = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    edited_at = models.DateTimeField(null=True)
    is_pinned = models.BooleanField(default=False)
    hidden_at = models.DateTimeField(null=True)
    hidden_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")

    objects = NoteQuerySet.as_manager()

    class Meta:
        verbose_name = _("備註")
        verbose_name_plural = pgettext_lazy("plural", "備註")
        indexes = [
            models.Index(
                F("member"), F("is_pinned").desc(), F("created_at").desc(),
                name="member_notes_shown", condition=Q(hidden_at=None),
            )
        ]  # fmt: skip
        constraints = [
            models.CheckConstraint(condition=~Q(text=""), name="a_note_says_something"),
            models.CheckConstraint(
                condition=Q(hidden_at=None, hidden_by=None)
                | Q(hidden_at__isnull=False, hidden_by__isnull=False),
                name="a_hidden_note_says_who_hid_it",
            ),
        ]

    def __str__(self) -> str:
        return self.text[:30]
