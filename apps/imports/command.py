"""What the import commands share: the same path as HQ's page, with progress."""

from __future__ import annotations

import filecmp
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.files import File
from django.core.management.base import BaseCommand, CommandError
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TimeRemainingColumn,
)

from apps.core import clock
from apps.core.errors import Refused
from apps.imports import kinds, reports, services
from apps.imports.models import ImportJob
from apps.ui.spreadsheets import csv_file

# Seconds between looks at a file whose next batch a worker is taking.
GLANCE = 0.5


class ImportCommand(BaseCommand):
    """Take a file in: map its columns, take its rows, write an error file.

    Killed in the middle and called again for the same file, it goes on where it was.
    """

    kind = ""

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the file, how its columns map, and where the bad rows go."""
        parser.add_argument("file", type=Path)
        parser.add_argument("--dry-run", action="store_true", help="change nothing")
        parser.add_argument(
            "--map",
            action="append",
            default=[],
            metavar="FIELD=HEADING",
            help="which column holds a field, where its heading does not say so",
        )
        parser.add_argument(
            "--batch",
            type=int,
            default=services.BATCH,
            metavar="ROWS",
            help="how many rows are taken in one transaction",
        )
        parser.add_argument("--errors", type=Path, help="write the bad rows there")
        for option in kinds.named(self.kind).options:
            parser.add_argument(
                f"--{option.name}",
                default=option.default,
                required=option.is_required and not option.default,
                choices=[value for value, _label in option.choices] or None,
                help=str(option.hint or option.label),
            )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Take the file in and print what came of it."""
        kind = kinds.named(self.kind)
        chosen = {each.name: str(options[each.name]) for each in kind.options}
        try:
            job = self._begun(options, chosen)
        except Refused as refused:
            raise CommandError(refused.message) from refused
        self._run(job, options["batch"])
        job.refresh_from_db()
        if options["errors"]:
            head, *rows = reports.error_rows(job)
            options["errors"].write_bytes(csv_file("errors.csv", head, rows).content)
        self._tell(job)
        if options["dry_run"]:
            services.cancel(job, by=None, now=clock.now())

    def _begun(self, options: dict[str, Any], chosen: dict[str, str]) -> ImportJob:
        """Return the file on its way: begun now, or left behind by a killed call."""
        path: Path = options["file"]
        if not path.is_file():
            raise CommandError(f"no such file: {path}")
        job = self._mapped(path, options["map"], chosen)
        if options["dry_run"]:
            return services.check(job, by=None, now=clock.now())
        if (left := _left_behind(job)) is not None:
            services.cancel(job, by=None, now=clock.now())
            self.stderr.write(f"going on behind row {left.done:,}")
            return left
        return services.start(job, by=None, now=clock.now())

    def _mapped(
        self, path: Path, pairs: list[str], options: dict[str, str]
    ) -> ImportJob:
        kind = kinds.named(self.kind)
        with path.open("rb") as file:
            job = services.upload(
                File(file, path.name), kind=kind, by=None, now=clock.now()
            )
        mapping = dict(job.mapping)
        for pair in pairs:
            field, _sign, heading = pair.partition("=")
            if heading not in job.header:
                raise CommandError(f"no column {heading!r}; there are {job.header}")
            mapping[field] = job.header.index(heading)
        return services.map_columns(job, mapping, options)

    def _run(self, job: ImportJob, limit: int) -> None:
        """Move the file on, batch by batch, until it is over.

        A worker may have it in hand: then this waits, and shows how far it is.
        """
        bar = Progress(
            "{task.description}", BarColumn(), MofNCompleteColumn(),
            TimeRemainingColumn(), console=Console(stderr=True),
        )  # fmt: skip
        with bar:
            read = bar.add_task("reading", total=None)
            take = bar.add_task(job.file_name, total=None)
            while job.is_under_way:
                moved = services.advance(job.pk, now=clock.now(), limit=limit)
                job.refresh_from_db()
                _show(bar, read, take, job)
                if job.is_under_way and not moved:
                    time.sleep(GLANCE)

    def _tell(self, job: ImportJob) -> None:
        for remark in job.remarks.order_by("number")[:10]:
            self.stderr.write(f"row {remark.number}: {remark.field}: {remark.why}")
        self.stdout.write(
            f"{job.rows:,} read, {job.new:,} new, {job.changed:,} changed, "
            f"{job.unchanged:,} unchanged, {job.rejected:,} rejected"
        )
        if job.state == ImportJob.State.FAILED:
            raise CommandError("a batch failed again and again; see the log")


def _show(bar: Progress, read: TaskID, take: TaskID, job: ImportJob) -> None:
    known = job.rows if job.is_staged else None
    bar.update(read, total=known, completed=job.rows)
    bar.update(take, total=known, completed=job.done)


def _left_behind(job: ImportJob) -> ImportJob | None:
    """Return the same file, read the same way, whose import was cut short."""
    alike = ImportJob.objects.filter(
        kind=job.kind,
        file_name=job.file_name,
        mapping=job.mapping,
        options=job.options,
        started_by=None,
        state=ImportJob.State.RUNNING,
    )
    return next(
        (
            each
            for each in alike.order_by("-pk")
            if filecmp.cmp(each.file.path, job.file.path, shallow=False)
        ),
        None,
    )
