"""Drafts of plans: begun from what holds now, written over, published once."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from apps.audit import services as audit
from apps.commissions import rules
from apps.commissions.models import Plan, PlanDraft
from apps.commissions.services.plans import publish_plan
from apps.core import clock
from apps.core.errors import Refused
from apps.staff.models import Staff


@transaction.atomic
def begin_plan_draft(scope: rules.Scope, *, by: Staff, now: datetime) -> PlanDraft:
    """Begin a draft for a scope with what it pays now, by its own or a wider plan."""
    today = clock.day_of(now)
    own = Plan.objects.of_scope(scope).on(today).first()
    current = own or Plan.objects.everybodys().on(today).first()
    draft = PlanDraft(
        name=current.name if own and current else _("新方案"),
        staff_id=scope.staff_id, store_id=scope.store_id, role=scope.role,
        created_by=by, created_at=now, updated_at=now,
    )  # fmt: skip
    draft.write(current.read() if current else rules.Terms())
    draft.save()
    audit.record("plan.draft_begun", draft, by=by, now=now)
    return draft


@transaction.atomic
def revise_plan_draft(
    draft: PlanDraft, terms: rules.Terms, *, name: str, by: Staff, now: datetime
) -> PlanDraft:
    """Write the draft's terms and name over. Raises Refused: "draft_published"."""
    row = _open(draft)
    row.name, row.updated_at = name, now
    row.write(terms)
    row.save()
    audit.record("plan.draft_revised", row, by=by, now=now, terms=row.terms)
    return row


@transaction.atomic
def discard_plan_draft(draft: PlanDraft, *, by: Staff, now: datetime) -> None:
    """Throw the draft away. Raises Refused: "draft_published"."""
    row = _open(draft)
    audit.record("plan.draft_discarded", row, by=by, now=now, terms=row.terms)
    row.delete()


@transaction.atomic
def publish_plan_draft(
    draft: PlanDraft, *, starts_on: date, by: Staff, now: datetime
) -> Plan:
    """Publish the draft for sales from the day (Taipei) on.

    Raises Refused: "draft_published", "plan_past" for today or a day before, and what
    `publish_plan` raises.
    """
    row = _open(draft)
    if starts_on <= clock.day_of(now):
        raise Refused("plan_past", _("起始日要在明天以後，已計入的分潤不會重算"))
    plan = publish_plan(
        row.name, starts_on=starts_on, terms=row.read(), scope=row.scope, by=by, now=now
    )
    row.published_as = plan
    row.save(update_fields=["published_as"])
    audit.record("plan.draft_published", row, by=by, now=now, plan=plan.pk)
    return plan


def _open(draft: PlanDraft) -> PlanDraft:
    """Lock the draft; a published one is never changed."""
    row = PlanDraft.objects.select_for_update().get(pk=draft.pk)
    if row.published_as_id is not None:
        raise Refused("draft_published", _("這份草案已經發布，不能再修改"))
    return row
