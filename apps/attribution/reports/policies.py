"""The published policies, read, and which of them an order falls under."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from apps.attribution import models, rules

BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Version:
    """A published policy, read."""

    id: int
    number: int
    effective_from: datetime
    rules: rules.Policy


def published() -> list[Version]:
    """Return every published policy, the newest first.

    A house that has published none lives by the default.
    """
    found = [read(row) for row in models.Policy.objects.all()]
    return found or [Version(0, 1, BEGINNING, rules.DEFAULT)]


def read(row: models.Policy) -> Version:
    """Return the stored policy, read."""
    ladder = rules.Policy.from_json(row.rules)
    return Version(row.pk, row.version, row.effective_from, ladder)


def in_force(versions: Sequence[Version], at: datetime) -> Version:
    """Return the version for an order of the moment; the oldest if none was yet."""
    begun = (version for version in versions if version.effective_from <= at)
    return next(begun, versions[-1])
