"""Two records that are one person: the suspicion, the merge and every row it moved."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.members.models.person import Identity, Member
from apps.staff.models import Staff


class Conflict(models.Model):
    """Keys of one row led to two members: a person decides whether they are one."""

    class State(models.TextChoices):
        OPEN = "open", _("待確認")
        MERGED = "merged", _("已合併")
        APART = "apart", _("不同人")

    class Source(models.TextChoices):
        ORDER = "order", _("訂單")
        REGISTRATION = "registration", _("入會")
        IMPORT = "import", _("匯入")
        HQ = "hq", _("總部")

    # The one with the smaller id comes first, so that a pair is one row.
    first = models.ForeignKey(Member, models.PROTECT, related_name="+")
    second = models.ForeignKey(Member, models.PROTECT, related_name="+")
    source = models.CharField(max_length=12, choices=Source)
    # What said so: the kinds of the keys that led to `first` and to `second`.
    first_kinds = models.CharField(max_length=60)
    second_kinds = models.CharField(max_length=60)
    reference = models.CharField(max_length=80, blank=True)  # such as an order's number
    times = models.PositiveIntegerField(default=1)
    state = models.CharField(max_length=8, choices=State, default=State.OPEN)
    created_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("疑似同一人")
        verbose_name_plural = pgettext_lazy("plural", "疑似同一人")
        constraints = [
            models.UniqueConstraint("first", "second", name="one_conflict_a_pair"),
            models.CheckConstraint(
                condition=Q(first__lt=F("second")), name="the_smaller_id_comes_first"
            ),
        ]
        indexes = [
            models.Index("seen_at", name="conflict_open", condition=Q(state="open")),
        ]

    def __str__(self) -> str:
        return f"{self.first_id} / {self.second_id}"

    @property
    def words(self) -> str:
        """Say which keys led to whom, such as 手機 ／ LINE."""
        return " ／ ".join(
            "、".join(str(Identity.Kind(kind).label) for kind in kinds.split())
            for kinds in (self.first_kinds, self.second_kinds)
        )


class Merge(models.Model):
    """One member became an alias of another; it can be undone for some time."""

    keeper = models.ForeignKey(Member, models.PROTECT, related_name="merges")
    loser = models.ForeignKey(Member, models.PROTECT, related_name="+")
    # The keeper's fields that the merge changed, before and after, as text.
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    # How many rows of each kind moved, by the code of the mover.
    moved = models.JSONField(default=dict)
    merged_at = models.DateTimeField()
    merged_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    undone_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    # The transaction that merges or undoes: only in it may guarded rows change hands.
    transaction = models.BigIntegerField(db_default=RawSQL("txid_current()", []))

    class Meta:
        verbose_name = _("會員合併")
        verbose_name_plural = pgettext_lazy("plural", "會員合併")
        constraints = [
            models.UniqueConstraint(
                fields=["loser"],
                condition=Q(undone_at__isnull=True),
                name="merged_away_once",
            ),
            models.CheckConstraint(
                condition=~Q(keeper=F("loser")), name="a_merge_is_of_two"
            ),
        ]
        indexes = [models.Index(fields=["-merged_at"])]

    def __str__(self) -> str:
        return f"{self.loser_id} → {self.keeper_id}"


class MergedRow(models.Model):
    """A row that a merge gave to the keeper, so that undoing finds it again."""

    merge = models.ForeignKey(Merge, models.CASCADE, related_name="rows")
    model = models.CharField(max_length=60)  # such as "orders.Order"
    field = models.CharField(max_length=20)
    row_id = models.BigIntegerField()
    was = models.JSONField(default=dict)  # what else of the row the merge changed

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "merge", "model", "field", "row_id", name="a_row_moves_once_a_merge"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.model} {self.row_id}"
