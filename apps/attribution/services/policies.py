"""Versions of the policy: published once, never changed, chosen by the order's time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from apps.attribution import models, rules
from apps.audit import services as audit
from apps.core.errors import Refused
from apps.staff.models import Staff

BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Version:
    """A published policy, read."""

    id: int
    number: int
    effective_from: datetime
    rules: rules.Policy


def versions() -> list[Version]:
    """Return every published policy, the newest first.

    A house that has published none lives by the default, which becomes version 1.
    """
    rows = list(models.Policy.objects.all())
    if not rows:
        first, _created = models.Policy.objects.get_or_create(
            version=1,
            defaults={
                "effective_from": BEGINNING,
                "rules": rules.DEFAULT.as_json(),
            },
        )
        rows = [first]
    return [read(row) for row in rows]


def read(row: models.Policy) -> Version:
    """Return the stored policy, read."""
    ladder = rules.Policy.from_json(row.rules)
    return Version(row.pk, row.version, row.effective_from, ladder)


def in_force(published: Sequence[Version], at: datetime) -> Version:
    """Return the version for an order of the moment; the oldest if none was yet."""
    begun = (version for version in published if version.effective_from <= at)
    return next(begun, published[-1])


@transaction.atomic
def publish_policy(
    stored: Mapping[str, Any], *, effective_from: datetime, by: Staff, now: datetime
) -> models.Policy:
    """Publish the next version. It holds for orders placed from its time on.

    Raises Refused: "policy_past" for a time that has gone by, "policy_rules" for rules
    that make no sense.
    """
    if effective_from < now:
        raise Refused("policy_past", _("生效時間不能早於現在，已成立的訂單不會重算"))
    try:
        ladder = rules.Policy.from_json(stored)
    except ValueError as wrong:
        raise Refused("policy_rules", _("規則內容不正確：%s") % wrong) from wrong
    policy = models.Policy.objects.create(
        version=max(version.number for version in versions()) + 1,
        effective_from=effective_from,
        rules=ladder.as_json(),
        published_by=by,
    )
    audit.record("policy.published", policy, by=by, now=now, version=policy.version)
    return policy
