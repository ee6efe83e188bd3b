"""Move a file on by a batch: the worker's and the command's one way.

What a batch wrote, its remarks and the place it reached commit together. A trial does
the same and takes back all but the counts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from django.contrib.postgres.fields import ArrayField
from django.db import transaction
from django.db.models import F, Func, QuerySet, TextField

from apps.audit import services as audit
from apps.core.memory import without_collection
from apps.imports import kinds
from apps.imports.kinds import Kind, Row, Taken
from apps.imports.models import ImportJob, Remark, StagedRow
from apps.imports.services.staging import stage

# Rows: a second or two. What a batch costs beside its rows is spread over many.
BATCH = 5_000
MOST_ATTEMPTS = 5  # at one batch, before a person has to look
State = ImportJob.State


@dataclass(frozen=True, slots=True)
class Staged:
    """A row of the file as it was staged."""

    number: int
    key: str
    cells: list[str]


def advance(job_id: int, *, now: datetime, limit: int = BATCH) -> bool:
    """Take the next rows of the file; return whether some are left.

    The attempt is counted before the work, in a transaction of its own: a batch that
    fails again and again ends the import, and what was taken before it stays. A row in
    another worker's hands, or one that was cancelled, is left alone.
    """
    if not _attempt(job_id, now):
        return False
    with transaction.atomic():
        job = _claim(job_id)
        if job is None:
            return False
        kind = kinds.named(job.kind)
        if not job.is_staged:
            stage(job, kind)
        else:
            with without_collection():
                _take_next(job, kind, now=now, limit=limit)
        job.attempts = 0
        job.save()
        return job.is_under_way


@transaction.atomic
def _attempt(job_id: int, now: datetime) -> bool:
    job = _claim(job_id)
    if job is None:
        return False
    job.attempts += 1
    if job.attempts > MOST_ATTEMPTS:
        job.state, job.ended_at = State.FAILED, now
    job.save(update_fields=["attempts", "state", "ended_at"])
    return job.is_under_way


def _claim(job_id: int) -> ImportJob | None:
    return (
        ImportJob.objects.filter(pk=job_id, state__in=[State.CHECKING, State.RUNNING])
        .select_for_update(skip_locked=True)
        .first()
    )


def _take_next(job: ImportJob, kind: Kind, *, now: datetime, limit: int) -> None:
    staged = _batch(job, limit)
    if not staged:
        _end(job, now)
        return
    groups = [
        [Row(each.number, each.cells, job.mapping) for each in rows]
        for _key, rows in groupby(staged, key=lambda each: each.key)
    ]
    taken = _taken(job, kind, groups, now=now)
    _write(job, staged, taken)
    job.done += len(staged)
    job.reached = staged[-1].key
    if job.done == job.rows:
        _end(job, now)


def _batch(job: ImportJob, limit: int) -> list[Staged]:
    """Return the next rows, whole groups of them: the last key's rows come along."""
    ahead = job.staged.filter(key__gt=job.reached).order_by("key", "number")
    rows = _read(ahead[:limit])
    if len(rows) == limit:
        last = rows[-1]
        same = job.staged.filter(key=last.key, number__gt=last.number)
        rows += _read(same.order_by("number"))
    return rows


def _read(rows: QuerySet[StagedRow]) -> list[Staged]:
    """Return the rows; the server writes their cells as JSON, which reads fastest."""
    cells = Func(
        F("cells"), function="array_to_json", output_field=ArrayField(TextField())
    )
    return [Staged(*row) for row in rows.values_list("number", "key", cells)]


def _taken(
    job: ImportJob, kind: Kind, groups: Sequence[Sequence[Row]], *, now: datetime
) -> Taken:
    """Take the rows; a trial takes all of it back, the counts excepted."""
    with transaction.atomic():
        taken = kind.take(groups, options=job.options, now=now)
        transaction.set_rollback(job.is_trial)
    return taken


def _write(job: ImportJob, staged: Sequence[Staged], taken: Taken) -> None:
    cells = {each.number: each.cells for each in staged}
    Remark.objects.bulk_create(
        Remark(
            job=job,
            number=found.number,
            is_rejected=found.is_rejected,
            field=found.field,
            why=found.why[:300],
            cells=cells[found.number],
        )
        for found in taken.remarks
    )
    refused = {found.number for found in taken.remarks if found.is_rejected}
    remarked = {found.number for found in taken.remarks} - refused
    job.new += taken.new
    job.changed += taken.changed
    job.unchanged += taken.unchanged
    job.rejected += len(refused)
    job.warned += len(remarked)
    job.also = dict(Counter(job.also) + taken.also)


def _end(job: ImportJob, now: datetime) -> None:
    """A trial waits for a person's word with its rows staged; an import is over."""
    job.state = State.CHECKED if job.is_trial else State.DONE
    if job.state == State.DONE:
        job.ended_at = now
        job.staged.all().delete()
        audit.record("import.done", job, by=job.started_by, now=now, **job.summary)
