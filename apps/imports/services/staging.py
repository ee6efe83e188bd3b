"""Copy the file's rows into the database, by the key of what they belong to.

Lines of one order may lie anywhere in a file; staged, they come together, and a worker
that was killed finds its place again.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from pathlib import Path

from django.db import connection, transaction
from django.db.models import Max

from apps.imports.kinds import Kind, Row
from apps.imports.models import LONGEST_KEY, ImportJob
from apps.imports.readers import Table

COPY = "copy imports_stagedrow (job_id, number, key, cells) from stdin"
AT_ONCE = 50_000  # rows: a second or two
# The planner has to know at once what a large file brought.
ANALYZE = "analyze imports_stagedrow"
QUOTED = str.maketrans({"\\": "\\\\", '"': '\\"'})


@transaction.atomic
def stage(job: ImportJob, kind: Kind, *, limit: int = AT_ONCE) -> None:
    """Copy the next rows of the file, behind those that were copied before."""
    table = Table(Path(job.file.path), job.encoding, job.header)
    last = job.staged.aggregate(last=Max("number"))["last"] if job.rows else 1
    copied = 0
    with connection.cursor() as cursor:
        with cursor.copy(COPY) as copy:
            for number, cells in islice(table.rows(after=last), limit):
                key = kind.key(Row(number, cells, job.mapping)) or f"{number:010}"
                copy.write_row((job.pk, number, key[:LONGEST_KEY], _array(cells)))
                copied += 1
        job.rows += copied
        job.is_staged = copied < limit
        if job.is_staged:
            cursor.execute(ANALYZE)


def _array(cells: Sequence[str]) -> str:
    """Return the cells as an array's text, which is the fastest way to send them."""
    text = "".join(cells)
    if '"' in text or "\\" in text:
        cells = [each.translate(QUOTED) for each in cells]
    return '{"' + '","'.join(cells) + '"}'
