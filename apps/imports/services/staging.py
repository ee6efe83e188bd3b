"""Copy the file's rows into the database, by the key of what they belong to.

Lines of one order may lie anywhere in a file; staged, they come together, and a worker
that was killed finds its place again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import islice
from pathlib import Path

from django.db import connection, transaction

from apps.imports.kinds import Kind, Row
from apps.imports.models import LONGEST_KEY, ImportJob
from apps.imports.readers import Table

COPY = "copy imports_stagedrow (job_id, number, key, cells) from stdin"
AT_ONCE = 200_000  # rows: some seconds


@transaction.atomic
def stage(job: ImportJob, kind: Kind, *, limit: int = AT_ONCE) -> None:
    """Copy the next rows of the file, behind those that were copied before."""
    table = Table(Path(job.file.path), job.encoding, job.header)
    ahead = islice(table.rows(), job.rows, job.rows + limit)
    copied = 0
    with connection.cursor() as cursor, cursor.copy(COPY) as copy:
        for number, cells in ahead:
            key = kind.key(row(number, cells, job.mapping)) or f"{number:010}"
            copy.write_row((job.pk, number, key[:LONGEST_KEY], cells))
            copied += 1
    job.rows += copied
    job.is_staged = copied < limit


def row(number: int, cells: Sequence[str], mapping: Mapping[str, int]) -> Row:
    """Return the row by the kind's fields."""
    return Row(number, {name: cells[place] for name, place in mapping.items()})
