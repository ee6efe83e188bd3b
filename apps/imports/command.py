"""What the import commands share: the same path as HQ's page, with progress."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.files import File
from django.core.management.base import BaseCommand, CommandError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

from apps.core import clock
from apps.core.errors import Refused
from apps.imports import kinds, reports, services
from apps.imports.models import ImportJob
from apps.ui.spreadsheets import csv_file


class ImportCommand(BaseCommand):
    """Take a file in: map its columns, take its rows, write an error file."""

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
            job = self._mapped(options["file"], options["map"], chosen)
            now = clock.now()
            begin = services.check if options["dry_run"] else services.start
            begin(job, by=None, now=now)
        except Refused as refused:
            raise CommandError(refused.message) from refused
        self._run(job)
        job.refresh_from_db()
        if options["errors"]:
            head, *rows = reports.error_rows(job)
            options["errors"].write_bytes(csv_file("errors.csv", head, rows).content)
        self._tell(job)
        if options["dry_run"]:
            services.cancel(job, by=None, now=clock.now())

    def _mapped(
        self, path: Path, pairs: list[str], options: dict[str, str]
    ) -> ImportJob:
        if not path.is_file():
            raise CommandError(f"no such file: {path}")
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

    def _run(self, job: ImportJob) -> None:
        """Move the file on, batch by batch, until it is over."""
        bar = Progress(
            "{task.description}", BarColumn(), MofNCompleteColumn(),
            TimeRemainingColumn(), console=Console(stderr=True),
        )  # fmt: skip
        with bar:
            task = bar.add_task(job.file_name, total=None)
            while services.advance(job.pk, now=clock.now()):
                job.refresh_from_db(fields=["rows", "done", "is_staged"])
                total = job.rows if job.is_staged else None
                bar.update(task, total=total, completed=job.done)

    def _tell(self, job: ImportJob) -> None:
        for remark in job.remarks.order_by("number")[:10]:
            self.stderr.write(f"row {remark.number}: {remark.field}: {remark.why}")
        self.stdout.write(
            f"{job.rows:,} read, {job.new:,} new, {job.changed:,} changed, "
            f"{job.unchanged:,} unchanged, {job.rejected:,} rejected"
        )
        if job.state == ImportJob.State.FAILED:
            raise CommandError("a batch failed again and again; see the log")
