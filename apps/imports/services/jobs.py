"""Take a file over, agree on what its columns mean, and send it on its way."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from django.core.files import File
from django.db import transaction
from django.utils.translation import gettext as _

from apps.audit import services as audit
from apps.core.errors import Refused
from apps.core.jobs import nudge
from apps.imports import kinds, readers
from apps.imports.kinds import Kind
from apps.imports.models import ImportJob
from apps.imports.rules import columns
from apps.staff.models import Staff
from apps.staff.rules import may

RUN = "apps.imports.tasks.run_pending"
LARGEST = 300 * 1024 * 1024  # bytes
# A workbook is read anew for each step of the worker, slowly.
LARGEST_WORKBOOK = 12 * 1024 * 1024
State = ImportJob.State


def upload(
    file: File[bytes], *, kind: Kind, by: Staff | None, now: datetime
) -> ImportJob:
    """Keep the file, read its header and guess what each column holds.

    Raises Refused where the file is too large or nothing that can be read
    (`readers.open_table`); then nothing is kept.
    """
    name = Path(file.name or "").name[:200]
    if file.size > LARGEST:
        raise Refused("import_size", _("檔案超過 300 MB，請分成幾個檔案"))
    if name.lower().endswith(".xlsx") and file.size > LARGEST_WORKBOOK:
        raise Refused(
            "import_size", _("Excel 檔超過 12 MB，請另存為「CSV UTF-8」再上傳")
        )
    job = ImportJob(
        kind=kind.name, file_name=name, started_by=by, created_at=now, header=[]
    )
    job.file.save(f"{now:%Y%m%d}-{kind.name}{Path(name).suffix}", file, save=False)
    try:
        table = readers.open_table(Path(job.file.path))
    except Refused:
        job.file.delete(save=False)
        raise
    job.header, job.encoding = table.header, table.encoding
    job.mapping = columns.guess(table.header, headings(kind))
    job.options = {option.name: option.default for option in kind.options}
    job.save()
    audit.record("import.uploaded", job, by=by, now=now, file=name)
    return job


def headings(kind: Kind) -> dict[str, list[str]]:
    """Return the headings that each field of the kind goes by, the surest first."""
    return {
        field.name: [str(field.label), field.name, *field.names]
        for field in kind.fields
    }


@transaction.atomic
def map_columns(
    job: ImportJob, mapping: Mapping[str, int], options: Mapping[str, str]
) -> ImportJob:
    """Say which column holds which field, and what is true of the whole file.

    Raises Refused: "import_over", "import_columns" naming the fields that are missing
    or share a column, "import_option".
    """
    row = _locked(job)
    kind = kinds.named(row.kind)
    if not row.is_open:
        raise Refused("import_over", _("這次匯入已經開始，不能再改欄位"))
    known = {field.name: field for field in kind.fields}
    chosen = {
        name: place
        for name, place in mapping.items()
        if name in known and 0 <= place < len(row.header)
    }
    _ask_for_required(kind, chosen)
    row.options = _options(kind, options)
    if chosen != row.mapping or row.state != State.DRAFT:
        row.mapping = chosen
        _begin_anew(row)
    row.state = State.DRAFT
    row.save()
    return row


@transaction.atomic
def check(job: ImportJob, *, by: Staff | None, now: datetime) -> ImportJob:
    """Have a worker go through the whole file and take everything back again."""
    row = _locked(job)
    if not row.is_open:
        raise Refused("import_over", _("這次匯入已經開始或結束"))
    _ask_for_required(kinds.named(row.kind), row.mapping)
    _ask_for_permission(row, by)
    return _send(row, State.CHECKING, by=by, now=now)


@transaction.atomic
def start(job: ImportJob, *, by: Staff | None, now: datetime) -> ImportJob:
    """Have a worker take the file in. Raises Refused "import_over", "import_columns".

    Pressing twice starts it once.
    """
    row = _locked(job)
    if row.state == State.RUNNING:
        return row
    if not row.is_open:
        raise Refused("import_over", _("這次匯入已經開始或結束"))
    _ask_for_required(kinds.named(row.kind), row.mapping)
    _ask_for_permission(row, by)
    audit.record(
        "import.started", row, by=by, now=now, kind=row.kind, file=row.file_name
    )
    return _send(row, State.RUNNING, by=by, now=now)


@transaction.atomic
def cancel(job: ImportJob, *, by: Staff | None, now: datetime) -> ImportJob:
    """Stop after the batch in hand; what was taken stays taken, and is counted.

    A trial that is cancelled may be mapped and tried again. Raises Refused
    "import_over" for one that has ended.
    """
    row = _locked(job)
    if row.is_trial:
        _begin_anew(row)
        row.state = State.DRAFT
    elif row.is_under_way or row.is_open:
        row.state, row.ended_at = State.CANCELLED, now
        row.staged.all().delete()
        audit.record("import.cancelled", row, by=by, now=now, **row.summary)
    else:
        raise Refused("import_over", _("這次匯入已經結束"))
    row.save()
    return row


def _locked(job: ImportJob) -> ImportJob:
    return ImportJob.objects.select_for_update().get(pk=job.pk)


def _send(
    row: ImportJob, state: ImportJob.State, *, by: Staff | None, now: datetime
) -> ImportJob:
    staged = row.is_staged
    _forget_counts(row)
    row.is_staged = staged
    row.state, row.started_at = state, now
    row.started_by = by or row.started_by
    row.save()
    nudge(RUN)
    return row


def _begin_anew(row: ImportJob) -> None:
    """Forget what was read: rows are staged by key, and the key is a column's."""
    row.staged.all().delete()
    row.is_staged, row.rows = False, 0
    _forget_counts(row)


def _forget_counts(row: ImportJob) -> None:
    row.remarks.all().delete()
    row.done = row.attempts = 0
    row.new = row.changed = row.unchanged = row.rejected = row.warned = 0
    row.reached, row.also = "", {}


def _ask_for_required(kind: Kind, mapping: Mapping[str, int]) -> None:
    missing = [
        str(field.label)
        for field in kind.fields
        if field.is_required and field.name not in mapping
    ]
    if missing:
        names = "、".join(missing)
        raise Refused(
            "import_columns", _("還沒有指定欄位：%(names)s") % {"names": names}
        )
    by_place: dict[int, str] = {}
    labels = {field.name: str(field.label) for field in kind.fields}
    for name, place in mapping.items():
        if place in by_place:
            both = {"one": labels[by_place[place]], "other": labels[name]}
            raise Refused(
                "import_columns",
                _("「%(one)s」和「%(other)s」指定了同一欄") % both,
            )
        by_place[place] = name


def _ask_for_permission(row: ImportJob, by: Staff | None) -> None:
    """Refuse what the person may not choose; the command line may choose all."""
    if by is None:
        return
    for option in kinds.named(row.kind).options:
        is_chosen = row.options.get(option.name, option.default) != option.default
        if is_chosen and option.permission and not may(by.role, option.permission):
            words = _("你沒有使用「%(name)s」的權限") % {"name": option.label}
            raise Refused("import_permission", words)


def _options(kind: Kind, given: Mapping[str, str]) -> dict[str, str]:
    chosen = {}
    for option in kind.options:
        value = given.get(option.name, option.default).strip()
        allowed = [each for each, _label in option.choices]
        if (allowed and value not in allowed) or (option.is_required and not value):
            raise Refused(
                "import_option", _("請選擇「%(name)s」") % {"name": option.label}
            )
        chosen[option.name] = value[:60]
    return chosen
