"""What the brand pays: plans with tiers and exceptions, bonuses, refunds HQ bears."""

from __future__ import annotations

from datetime import datetime, timedelta

from apps.attribution.models import Credit
from apps.catalog.models import Category
from apps.commissions import reports, rules
from apps.commissions import services as commissions
from apps.commissions.models import Plan
from apps.core import clock
from apps.members.models import Binding, Member
from apps.staff.models import Staff
from apps.stores.models import Store

BAG_RATE, OUTLET_RATE = rules.Rate(500), rules.Rate(each=40)
ABSORBED = ("商品瑕疵，不是店員的責任", "出貨延誤由總部負責")
RECENTLY = timedelta(days=70)
CORRECTED = "結帳時登錄成同班同事，雙方確認後更正"


def publish(*, now: datetime) -> None:
    """Publish the plans that hold from the first day of the story."""
    first = clock.month_of(now - timedelta(days=400))
    bag = Category.objects.get(slug="bag")
    everybodys = rules.Terms(
        online=rules.Rate(300),
        store=rules.Rate(100),
        tiers=(rules.Tier(20_000, 100), rules.Tier(60_000, 200)),
        specials=(rules.Special(BAG_RATE, category_id=bag.pk),),
        recruit=30,
        received=5,
        handed=5,
    )
    managers = rules.Terms(rules.Rate(200), rules.Rate(50), threshold=5_000)
    outlet = rules.Terms(rules.Rate(350), OUTLET_RATE, recruit=30)
    store = Store.objects.get(code="ZX")
    for name, terms, scope in (
        ("導購分潤", everybodys, rules.Scope()),
        ("店長分潤", managers, rules.Scope(role="manager")),
        ("新店衝刺", outlet, rules.Scope(store_id=store.pk)),
    ):
        plan = Plan(
            name=name, starts_on=first, store_id=scope.store_id, role=scope.role
        )
        plan.write(terms)
        plan.save()


def reward(*, now: datetime) -> None:
    """Pay for new members and pickups, before any month is settled.

    Every third of those bound of late had registered by the same scan.
    """
    recent = Binding.objects.filter(
        member__stage="registered", period__startswith__gte=now - RECENTLY
    ).order_by("period")
    together = [bond for bond in recent if bond.member_id % 3 == 0]
    for bond in together:
        Member.objects.filter(pk=bond.member_id).update(registered_at=bond.period.lower)
    commissions.pay_recruits(clock.day_of(now), now=now)
    commissions.pay_pickups(now=now)


def mend(*, now: datetime) -> None:
    """Let HQ bear two refunds and correct a credit, and draft the next plan."""
    admin = Staff.objects.get(code="hq")
    for fault, reason in zip(
        reports.faults(reports.fault_rows()[:2]), ABSORBED, strict=False
    ):
        commissions.rule_refund(
            fault.refund, fault.staff, "absorb", reason=reason, by=admin, now=now
        )
    _correct(admin, now=now)
    draft = commissions.begin_plan_draft(rules.Scope(), by=admin, now=now)
    current = draft.read()
    terms = rules.Terms.from_json(
        {**current.as_json(), "online": {"points": 350}, "recruit": 50}
    )
    commissions.revise_plan_draft(draft, terms, name="明年導購", by=admin, now=now)


def _correct(admin: Staff, *, now: datetime) -> None:
    """Give the last sale at a till to a colleague of the store."""
    till = Credit.objects.filter(
        superseded_at=None,
        is_online=False,
        staff__role="salesperson",
        line__disputes=None,
    ).select_related("line", "staff", "store")
    credit = till.order_by("-placed_at", "pk").first()
    if credit is None or credit.store is None:
        return
    colleagues = Staff.objects.serving().filter(postings__store=credit.store)
    other = colleagues.exclude(pk=credit.staff_id or 0).order_by("pk").first()
    if other is not None:
        commissions.correct_credit(
            credit.line, {other.pk: 10_000}, reason=CORRECTED, by=admin, now=now
        )
