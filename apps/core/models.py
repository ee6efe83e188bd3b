"""What the worker leaves behind for others to see: its pulse, and when it rang what."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import models


class Pulse(models.Model):
    """A running cluster of workers, and when it last did anything at all."""

    worker = models.CharField(max_length=64, primary_key=True)
    host = models.CharField(max_length=200)
    started_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.worker} on {self.host}"


class SweepQuerySet(models.QuerySet["Sweep"]):
    """Claims of a sweep's turn."""

    def claim(self, task: str, *, every: timedelta, now: datetime) -> bool:
        """Take the turn if it has come; of several workers one gets it."""
        self.get_or_create(task=task, defaults={"rung_at": now - every})
        due = self.filter(task=task, rung_at__lte=now - every)
        return due.update(rung_at=now) == 1


class Sweep(models.Model):
    """When a task of the schedule was last rung, by whichever worker."""

    task = models.CharField(max_length=200, primary_key=True)
    rung_at = models.DateTimeField()

    objects = SweepQuerySet.as_manager()

    def __str__(self) -> str:
        return self.task
