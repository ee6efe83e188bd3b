"""Drafts of policies: begun from the rules in force, written over, published once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from apps.attribution import rules
from apps.attribution.models import Policy, PolicyDraft, Simulation
from apps.attribution.reports.policies import in_force, published
from apps.attribution.services.policies import publish_policy
from apps.audit import services as audit
from apps.core import clock
from apps.core.errors import Refused
from apps.staff.models import Staff


@transaction.atomic
def begin_draft(*, by: Staff, now: datetime) -> PolicyDraft:
    """Begin a draft with the rules in force."""
    current = in_force(published(), now)
    name = _("草案 %(day)s") % {"day": f"{clock.day_of(now):%Y/%m/%d}"}
    draft = PolicyDraft.objects.create(
        name=name,
        rules=current.rules.as_json(),
        created_by=by,
        created_at=now,
        updated_at=now,
    )
    audit.record("policy.draft_begun", draft, by=by, now=now)
    return draft


@transaction.atomic
def revise_draft(
    draft: PolicyDraft, stored: Mapping[str, Any], *, name: str, by: Staff,
    now: datetime,
) -> PolicyDraft:  # fmt: skip
    """Write the draft's rules and name over.

    Raises Refused: "draft_published", or "policy_rules" for rules that make no sense.
    """
    row = _open(draft)
    try:
        ladder = rules.Policy.from_json(stored)
    except ValueError as wrong:
        raise Refused("policy_rules", _("規則內容不正確：%s") % wrong) from wrong
    row.rules, row.name, row.updated_at = ladder.as_json(), name, now
    row.save(update_fields=["rules", "name", "updated_at"])
    audit.record("policy.draft_revised", row, by=by, now=now, rules=row.rules)
    return row


@transaction.atomic
def discard_draft(draft: PolicyDraft, *, by: Staff, now: datetime) -> None:
    """Throw the draft away; what was simulated of it stays. Raises Refused."""
    row = _open(draft)
    running = row.simulations.filter(status__in=["queued", "running"])
    if running.exists():
        raise Refused("simulation_runs", _("這份草案正在試算，請等它完成或先取消"))
    audit.record("policy.draft_discarded", row, by=by, now=now, rules=row.rules)
    row.delete()


@transaction.atomic
def publish_draft(
    draft: PolicyDraft, *, effective_on: date, by: Staff, now: datetime
) -> Policy:
    """Publish the draft as the next version, for orders from the day (Taipei) on.

    The record keeps what the last simulation of these very rules had found. Raises
    Refused: "draft_published", "policy_past" for today or a day before.
    """
    row = _open(draft)
    if effective_on <= clock.day_of(now):
        raise Refused("policy_past", _("生效日要在明天以後，已成立的訂單不會重算"))
    policy = publish_policy(
        row.rules, effective_from=clock.start_of(effective_on), by=by, now=now
    )
    row.published_as = policy
    row.save(update_fields=["published_as"])
    tried = last_simulation(row)
    audit.record(
        "policy.draft_published",
        row,
        by=by,
        now=now,
        version=policy.version,
        effective_on=effective_on,
        simulation=tried.pk if tried else None,
        changed_orders=tried.changed_orders if tried else None,
        amount_moved=tried.amount_moved if tried else None,
    )
    return policy


def last_simulation(draft: PolicyDraft) -> Simulation | None:
    """Return the last finished simulation of the draft as it now stands."""
    done = draft.simulations.filter(status=Simulation.Status.DONE, rules=draft.rules)
    return done.order_by("-created_at", "-pk").first()


def _open(draft: PolicyDraft) -> PolicyDraft:
    """Lock the draft; a published one is never changed."""
    row = PolicyDraft.objects.select_for_update().get(pk=draft.pk)
    if row.published_as_id is not None:
        raise Refused("draft_published", _("這份草案已經發布，不能再修改"))
    return row
