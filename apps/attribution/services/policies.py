"""Versions of the policy: published once, never changed, chosen by the order's time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from apps.attribution import models, rules
from apps.attribution.reports.policies import Version, published
from apps.audit import services as audit
from apps.core.errors import Refused
from apps.staff.models import Staff


def versions() -> list[Version]:
    """Return every published policy, the newest first.

    The default that a house lives by which has published none becomes version 1.
    """
    found = published()
    if found[0].id:
        return found
    models.Policy.objects.get_or_create(
        version=found[0].number,
        defaults={
            "effective_from": found[0].effective_from,
            "rules": found[0].rules.as_json(),
        },
    )
    return published()


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
