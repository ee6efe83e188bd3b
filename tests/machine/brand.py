"""The brand that every run of the machine finds: its people, stores, rules, coupons."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from apps.core import clock
from apps.loyalty.models import Coupon, PointRule, Tier, TierMultiplier
from apps.members import services as members
from apps.members.models import Member
from apps.staff.models import Staff
from apps.stores.models import Store
from tests import make

FIRST = datetime(2025, 3, 1, 12, tzinfo=clock.TAIPEI)
SPEND_PER_POINT = 100
PHONES = ("+886911111111", "+886922222222", "+886933333333")
STRANGER = "+886944444444"  # whom nobody knows before their first order


@dataclass(frozen=True)
class Brand:
    """What is there before anything happens, and is there again after each run."""

    store: Store
    sellers: tuple[Staff, Staff]
    admin: Staff
    members: dict[str, int]  # by phone
    tiers: tuple[Tier, Tier]
    coupons: tuple[Coupon, Coupon]


def build() -> Brand:
    """Make the brand: three members, two of them bound, two tiers and two coupons."""
    store = make.store()
    sellers = (make.staff("林怡君", at=store), make.staff("黃子芸", at=store))
    make.plan(recruit=0)
    tiers = _tiers()
    _rule(tiers)
    people = [_member(phone) for phone in PHONES]
    for person, seller in zip(people, sellers, strict=False):
        make.bound(person, seller, store, since=FIRST - timedelta(days=99))
    return Brand(
        store=store,
        sellers=sellers,
        admin=make.staff("許雅筑", role=Staff.Role.ADMIN),
        members={person.phone: person.pk for person in people},
        tiers=tiers,
        coupons=(_capped_coupon(), _dated_coupon()),
    )


def _member(phone: str) -> Member:
    person = make.member(f"顧客 {phone[-1]}", phone=phone, now=FIRST)
    members.link_key(person, "phone", phone, by=None, now=FIRST)
    return person


def _tiers() -> tuple[Tier, Tier]:
    silver = Tier.objects.create(
        code="silver", name="銀卡", threshold=5_000, renew_amount=2_000, entry_points=50
    )
    gold = Tier.objects.create(
        code="gold", name="金卡", threshold=15_000, upgrade_by="lifetime", term_months=2
    )
    return silver, gold


def _rule(tiers: tuple[Tier, Tier]) -> None:
    rule = PointRule.objects.create(
        starts_on=date(2024, 1, 1), spend_per_point=SPEND_PER_POINT, release_days=3,
        expiry="days", expiry_days=40, created_at=FIRST,
    )  # fmt: skip
    for tier, multiplier in zip(tiers, (15_000, 20_000), strict=True):
        TierMultiplier.objects.create(rule=rule, tier=tier, multiplier=multiplier)


def _capped_coupon() -> Coupon:
    return Coupon.objects.create(
        name="折 200", state="live", amount=200, channels=["store", "web"],
        most_used=3, most_issued=6, created_at=FIRST,
    )  # fmt: skip


def _dated_coupon() -> Coupon:
    return Coupon.objects.create(
        name="九折", state="live", kind="percent", percent=1_000,
        channels=["store", "web"], most_per_member=2, validity="issue", valid_days=10,
        created_at=FIRST,
    )  # fmt: skip
