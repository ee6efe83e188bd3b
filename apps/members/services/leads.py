"""Look after people who showed interest: capture, assign, follow up, convert."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from apps.audit import services as audit
from apps.core import clock
from apps.core.errors import Refused
from apps.members.errors import inactive
from apps.members.models import Lead, Member
from apps.members.services import identification
from apps.members.services.identification import CustomerKeys
from apps.staff import services as staff_services
from apps.staff.models import Staff
from apps.stores.models import Store


@transaction.atomic
def capture_lead(
    keys: CustomerKeys,
    *,
    interest: str,
    source: str,
    now: datetime,
    by: Staff | None = None,
    note: str = "",
    store: Store | None = None,
) -> Member:
    """Keep who left a contact and what they are interested in (features A13).

    Somebody known by a key is that person, member or lead; the interest of a lead is
    brought up to date. Refused "no_contact" where nothing tells how to reach them.
    """
    # An e-mail is enough to answer somebody, so it makes a lead here.
    match = identification.match_batch([keys], now=now, entry=source, is_trusted=True)
    member_id = match[0].member_id
    if member_id is None:
        raise Refused("no_contact", _("請留下手機或電子郵件，才聯絡得到這位顧客。"))
    member = Member.objects.get(pk=member_id)
    if member.stage != Member.Stage.LEAD:
        return member
    lead, _made = Lead.objects.get_or_create(
        member=member, defaults={"changed_at": now, "store": store}
    )
    lead.interest = interest.strip()[:120] or lead.interest
    lead.note = note.strip()[:300] or lead.note
    lead.changed_at = now
    if lead.state == Lead.State.CLOSED:
        lead.state = Lead.State.NEW
    lead.save()
    audit.record("lead.captured", member, by=by, now=now, source=source)
    return member


@transaction.atomic
def assign_leads(
    member_ids: Collection[int],
    staff: Staff,
    store: Store,
    *,
    by: Staff,
    now: datetime,
) -> int:
    """Give the leads to the salesperson at the store; return how many there were.

    Who registered in the meantime is left out. Refused "inactive".
    """
    if not staff_services.serves_at(staff, store, clock.day_of(now)):
        raise inactive(staff, store)
    leads = _leads(member_ids)
    Lead.objects.bulk_create(
        [
            Lead(
                member_id=pk, state=Lead.State.ASSIGNED, staff=staff, store=store,
                assigned_at=now, changed_at=now,
            )
            for pk in leads
        ],
        update_conflicts=True,
        unique_fields=["member"],
        update_fields=["state", "staff", "store", "assigned_at", "changed_at"],
    )  # fmt: skip
    audit.record_many(
        "lead.assigned", Member, {pk: {"staff": staff.pk, "store": store.pk}
                                  for pk in leads},
        by=by, now=now,
    )  # fmt: skip
    return len(leads)


@transaction.atomic
def move_leads(
    member_ids: Collection[int], state: str, *, by: Staff, now: datetime
) -> int:
    """Note how far the leads are: new, contacted or closed; return how many there were.

    Refused "lead_state" for what only registering or assigning does.
    """
    if state not in (Lead.State.NEW, Lead.State.CONTACTED, Lead.State.CLOSED):
        raise Refused("lead_state", _("這個狀態不能直接設定。"))
    leads = _leads(member_ids)
    Lead.objects.bulk_create(
        [Lead(member_id=pk, state=state, changed_at=now) for pk in leads],
        update_conflicts=True,
        unique_fields=["member"],
        update_fields=["state", "changed_at"],
    )
    audit.record_many("lead.moved", Member, {pk: {"state": state} for pk in leads},
                      by=by, now=now)  # fmt: skip
    return len(leads)


def convert(member: Member, *, now: datetime) -> None:
    """Note that the lead registered; nothing where nobody looked after them."""
    Lead.objects.filter(member=member).update(
        state=Lead.State.CONVERTED, changed_at=now
    )


def _leads(member_ids: Collection[int]) -> list[int]:
    found = Member.objects.people().filter(pk__in=member_ids, stage=Member.Stage.LEAD)
    return list(found.order_by("pk").values_list("pk", flat=True))
