"""Throw away what was kept of files: they are full of people's data."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Q

from apps.imports.models import ImportJob, Remark, StagedRow

KEPT = timedelta(days=30)


def forget(*, now: datetime) -> int:
    """Delete files, rows and remarks of imports that ended or lie 30 days.

    The job itself stays, with its counts. Returns how many were emptied.
    """
    old = ImportJob.objects.filter(
        Q(ended_at__lt=now - KEPT)
        | Q(ended_at=None, state__in=["draft", "checked"], created_at__lt=now - KEPT)
    ).exclude(file="")
    emptied = list(old)
    for job in emptied:
        job.file.delete(save=False)
    ids = [job.pk for job in emptied]
    StagedRow.objects.filter(job__in=ids).delete()
    Remark.objects.filter(job__in=ids).delete()
    ImportJob.objects.filter(pk__in=ids, ended_at=None).update(
        state=ImportJob.State.CANCELLED, ended_at=now
    )
    return ImportJob.objects.filter(pk__in=ids).update(file="")
