"""A file that is being taken in, its rows, and the rows that could not be taken."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.files.storage import FileSystemStorage
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.staff.models import Staff

LONGEST_KEY = 80


def shelf() -> FileSystemStorage:
    """Return where the files lie until they are taken: never among public media."""
    return FileSystemStorage(location=settings.IMPORTS_ROOT)


class ImportJob(models.Model):
    """A file on its way in. The row is the job; the worker moves it on.

    A batch and the place it reached commit together: a killed worker repeats nothing
    and loses nothing.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("待對應欄位")
        CHECKING = "checking", _("試跑中")
        CHECKED = "checked", _("試跑完成")
        RUNNING = "running", _("匯入中")
        DONE = "done", _("已完成")
        CANCELLED = "cancelled", _("已取消")
        FAILED = "failed", _("失敗")

    kind = models.CharField(max_length=20)  # as `kinds.register` knows it
    file_name = models.CharField(_("檔名"), max_length=200)
    file = models.FileField(storage=shelf, max_length=300)
    encoding = models.CharField(max_length=12, blank=True)  # empty for a workbook
    header = ArrayField(models.TextField())
    # Field of the kind: place of the column in the header.
    mapping = models.JSONField(default=dict)
    options = models.JSONField(default=dict)  # such as the source of orders
    state = models.CharField(
        _("狀態"), max_length=10, choices=State, default=State.DRAFT
    )
    is_staged = models.BooleanField(default=False)
    rows = models.PositiveIntegerField(default=0)  # in the file, without the header
    done = models.PositiveIntegerField(default=0)  # rows
    reached = models.CharField(max_length=LONGEST_KEY, blank=True)  # the last key taken
    attempts = models.PositiveSmallIntegerField(default=0)  # since the last success
    new = models.PositiveIntegerField(default=0)  # things, not rows
    changed = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    rejected = models.PositiveIntegerField(default=0)  # rows
    warned = models.PositiveIntegerField(default=0)  # rows taken, yet with a remark
    # What else the kind counts, by the names of `kinds.tallies`.
    also = models.JSONField(default=dict)
    started_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("匯入")
        verbose_name_plural = pgettext_lazy("plural", "匯入")
        ordering = ["-created_at", "-pk"]
        indexes = [
            models.Index(
                "created_at",
                condition=Q(state__in=["checking", "running"]),
                name="import_under_way",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(done__lte=models.F("rows")), name="no_more_done_than_read"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {self.file_name}"

    @property
    def is_under_way(self) -> bool:
        """Tell whether a worker still has something to do."""
        return self.state in {self.State.CHECKING, self.State.RUNNING}

    @property
    def is_trial(self) -> bool:
        """Tell whether what it does now is taken back again."""
        return self.state == self.State.CHECKING

    @property
    def is_open(self) -> bool:
        """Tell whether its columns may still be mapped and the file be taken."""
        return self.state in {self.State.DRAFT, self.State.CHECKED}

    @property
    def summary(self) -> dict[str, Any]:
        """Return its counts by name."""
        names = ("rows", "new", "changed", "unchanged", "rejected", "warned")
        return {**{name: getattr(self, name) for name in names}, **self.also}


class StagedRow(models.Model):
    """A row of the file, waiting; rows of one key are taken together."""

    job = models.ForeignKey(
        ImportJob, models.CASCADE, related_name="staged", db_index=False
    )
    number = models.PositiveIntegerField()  # as a spreadsheet counts: the header is 1
    key = models.CharField(max_length=LONGEST_KEY)
    cells = ArrayField(models.TextField())

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["job", "key", "number"], name="one_staged_row_a_number"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.job_id}/{self.number}"


class Remark(models.Model):
    """What is wrong with a row: rejected, or taken with a warning."""

    job = models.ForeignKey(
        ImportJob, models.CASCADE, related_name="remarks", db_index=False
    )
    number = models.PositiveIntegerField()
    is_rejected = models.BooleanField(default=True)
    field = models.CharField(max_length=60, blank=True)
    why = models.CharField(max_length=300)
    cells = ArrayField(models.TextField())

    class Meta:
        indexes = [models.Index(fields=["job", "number"])]

    def __str__(self) -> str:
        return f"{self.job_id}/{self.number}: {self.why}"
