"""What is shown of a file: its first rows, and the bad ones with their reasons."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from django.utils.translation import gettext as _

from apps.imports import kinds, readers
from apps.imports.models import ImportJob

SHOWN = 5


def first_rows(job: ImportJob, count: int = SHOWN) -> list[readers.Cells]:
    """Return the first rows of the file; none once the file was thrown away."""
    if not job.file:
        return []
    table = readers.Table(Path(job.file.path), job.encoding, job.header)
    return readers.sample(table, count)


def error_rows(job: ImportJob) -> Iterator[list[str]]:
    """Yield the bad rows as they were, with number, field and reason in front.

    The first is the header: mended, the table can be sent again as it is. Whoever
    writes it for a spreadsheet makes formulas plain text (`ui.spreadsheets`).
    """
    labels = {field.name: str(field.label) for field in kinds.named(job.kind).fields}
    yield [_("列"), _("結果"), _("欄位"), _("原因"), *job.header]
    for remark in job.remarks.order_by("number", "pk").iterator():
        result = _("未匯入") if remark.is_rejected else _("已匯入，請留意")
        field = labels.get(remark.field, remark.field)
        yield [str(remark.number), result, field, remark.why, *remark.cells]
