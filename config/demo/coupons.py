"""The demo's coupons: a dozen designs, handed out for weeks, some used in orders."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Any

from apps.attribution import services as attribution
from apps.attribution.models import Touch
from apps.catalog.models import Category
from apps.core import clock
from apps.loyalty import services as loyalty
from apps.loyalty.models import Coupon, CouponIssue, Tier
from apps.members.models import Binding, Member
from apps.orders.models import Order
from apps.staff.models import Staff
from apps.stores.models import Store

USED = 260
GIVEN_BY_STAFF = 420
PACK = 400
DAY = timedelta(days=1)
ANYWHERE = ["store", "web", "app"]

# What each is, without its dates; see `_dates`.
DESIGNS: dict[str, dict[str, Any]] = {
    "anniversary": {
        "name": "週年慶 9 折", "name_en": "Anniversary 10% off", "kind": "percent",
        "percent": 1_000, "most": 800, "minimum": 1_500, "hue": 20,
        "note": "單筆消費滿 NT$1,500，最高折抵 NT$800。",
        "note_en": "Orders of NT$1,500 or more; at most NT$800 off.",
    },
    "welcome": {
        "name": "入會禮 100 元", "name_en": "Welcome NT$100", "amount": 100,
        "minimum": 500, "hue": 150, "validity": "issue", "valid_days": 60,
        "claim_word": "HELLO100", "most_issued": 100_000,
    },
    "birthday": {
        "name": "生日禮 500 元", "name_en": "Birthday NT$500", "amount": 500,
        "minimum": 2_000, "hue": 320, "validity": "issue", "valid_days": 30,
        "most_per_member": None,
    },
    "coats": {
        "name": "秋冬外套折 300", "name_en": "NT$300 off coats", "amount": 300,
        "minimum": 2_500, "hue": 40,
    },
    "personal": {
        "name": "店員專屬折 150", "name_en": "From your salesperson: NT$150",
        "amount": 150, "minimum": 1_000, "hue": 250, "is_for_staff": True,
        "validity": "issue", "valid_days": 21, "most_per_staff_month": 60,
        "note": "由您的專屬店員致贈，全台門市與官網都能用。",
        "note_en": "A gift of your salesperson, good at every store and online.",
    },
    "coffee": {
        "name": "來店喝咖啡", "name_en": "Coffee on us", "kind": "gift",
        "gift": "手沖咖啡一杯", "hue": 40, "is_for_staff": True, "channels": ["store"],
        "validity": "issue", "valid_days": 14, "most_per_staff_month": 10,
        "most_per_member": 3,
    },
    "shipping": {
        "name": "官網免運券", "name_en": "Free shipping", "kind": "shipping",
        "hue": 150, "channels": ["web", "app"], "is_stackable": True,
    },
    "black": {
        "name": "黑卡 85 折", "name_en": "Black card 15% off", "kind": "percent",
        "percent": 1_500, "most": 2_000, "hue": 250,
    },
    "flash": {
        "name": "三日限定折 200", "name_en": "Three days: NT$200", "amount": 200,
        "minimum": 1_200, "hue": 20, "validity": "open", "valid_days": 3,
    },
    "cinema": {
        "name": "聯名電影票折 80", "name_en": "Cinema partner NT$80", "amount": 80,
        "hue": 320, "codes": "pack", "channels": ["store"],
        "note": "序號由合作影城提供。", "note_en": "Codes are the cinema's own.",
    },
    "umbrella": {
        "name": "雨天加碼折 120", "name_en": "Rainy day NT$120", "amount": 120,
        "minimum": 800, "hue": 250, "most_issued": 3_000,
    },
    "festival": {
        "name": "雙 11 折 400", "name_en": "11.11 NT$400", "amount": 400,
        "minimum": 3_000, "hue": 20,
    },
}  # fmt: skip
DRAFT: dict[str, Any] = {
    "name": "聖誕折 250", "name_en": "Christmas NT$250", "amount": 250,
    "minimum": 1_800, "hue": 320, "channels": ANYWHERE,
}  # fmt: skip


def build(random: Random, *, now: datetime) -> None:
    """Design them, hand them out over the last weeks, use some, pause and end one."""
    hq = Staff.objects.filter(role=Staff.Role.ADMIN).order_by("pk")[0]
    start = now - 45 * DAY
    found = {
        key: loyalty.publish_coupon(_design(key, fields, hq, start), by=hq, now=start)
        for key, fields in DESIGNS.items()
    }
    loyalty.draft_coupon(by=hq, now=now, **DRAFT)
    _hand_out(random, found, now=now)
    _from_staff(random, [found["personal"], found["coffee"]], now=now)
    _open_some(random)
    _use_some(random, now=now)
    loyalty.pause_coupon(found["umbrella"], by=hq, now=now)
    loyalty.end_coupon(found["festival"], by=hq, now=now)


def _design(key: str, fields: dict[str, Any], hq: Staff, at: datetime) -> Coupon:
    dates: dict[str, Any] = {}
    if fields.get("validity", "fixed") == "fixed":
        last = clock.day_of(at) + timedelta(days=35 if key == "festival" else 90)
        dates = {"valid_from": at, "valid_until": clock.end_of(last)}
    given = {"channels": ANYWHERE, **fields, **dates}
    relations: dict[str, Any] = {}
    if key == "coats":
        relations = {"categories": Category.objects.filter(slug="coat")}
    if key == "coffee":
        relations = {"stores": Store.objects.order_by("pk")[:5]}
    coupon = loyalty.draft_coupon(by=hq, now=at, relations=relations, **given)
    if key == "cinema":
        codes = (f"CINE-{coupon.pk:02}{n:05}" for n in range(PACK))
        loyalty.upload_codes(coupon, codes, by=hq, now=at)
    return coupon


def _hand_out(random: Random, found: dict[str, Coupon], *, now: datetime) -> None:
    """Give HQ's coupons to a share of the members each."""
    members = list(
        Member.objects.filter(stage=Member.Stage.REGISTERED).values_list(
            "pk", flat=True
        )
    )
    top = Tier.objects.order_by("-threshold").first()
    black = list(Member.objects.filter(standing__tier=top).values_list("pk", flat=True))
    shares = {
        "anniversary": 0.7, "welcome": 0.3, "birthday": 0.08, "coats": 0.25,
        "shipping": 0.4, "flash": 0.2, "cinema": 0.1, "umbrella": 0.15,
        "festival": 0.35,
    }  # fmt: skip
    for key, share in shares.items():
        chosen = random.sample(members, round(len(members) * share))
        source = "gift" if key in ("birthday", "welcome") else "hq"
        at = now - random.randint(5, 40) * DAY
        loyalty.issue(found[key], chosen, source=source, now=at)
    loyalty.issue(found["black"], black, source="hq", now=now - 12 * DAY)


def _from_staff(random: Random, coupons: Sequence[Coupon], *, now: datetime) -> None:
    """Let salespeople give theirs to customers of their own."""
    bonds = list(
        Binding.objects.current()
        .select_related("staff", "store", "member")
        .order_by("pk")[: GIVEN_BY_STAFF * 3]
    )
    touches = []
    for bond in random.sample(bonds, min(GIVEN_BY_STAFF, len(bonds))):
        since = max(1, min(20, (now - bond.period.lower).days))
        at = now - random.randint(1, since) * DAY
        outcome = loyalty.issue(
            random.choice(coupons), [bond.member_id], source="staff", by=bond.staff,
            store=bond.store, now=at,
        )[0]  # fmt: skip
        if isinstance(outcome, loyalty.Issued):
            touches.append(
                attribution.NewTouch(
                    Touch.Kind.COUPON_ISSUED, bond.member_id, bond.staff_id, at,
                    ("couponissue", str(outcome.issue_id)), bond.store_id,
                )
            )  # fmt: skip
    attribution.touch_many(touches, now=now)


def _open_some(random: Random) -> None:
    """Let two in five copies have been looked at; the counting ones wait."""
    held = CouponIssue.objects.exclude(coupon__validity="open")
    seen = [pk for pk in held.values_list("pk", flat=True) if random.random() < 0.4]
    opened = CouponIssue.objects.filter(pk__in=seen).only("pk", "issued_at")
    for copy in opened:
        copy.opened_at = copy.issued_at + timedelta(hours=random.randint(1, 60))
    CouponIssue.objects.bulk_update(opened, ["opened_at"], batch_size=2000)


def _use_some(random: Random, *, now: datetime) -> None:
    """Use coupons in orders that were placed while their members held them."""
    orders = (
        Order.objects.filter(
            placed_at__gt=now - 38 * DAY, member__coupons__isnull=False
        )
        .select_related("store", "seller")
        .distinct()
        .order_by("-placed_at")[: USED * 4]
    )
    used = 0
    for order in orders:
        used += _use_one(random, order)
        if used >= USED:
            break


def _use_one(random: Random, order: Order) -> bool:
    held = CouponIssue.objects.filter(
        member=order.member_id, state="issued", issued_at__lt=order.placed_at
    ).exclude(coupon__codes="pack")
    copies = list(held.order_by("issued_by_id", "pk")[:3])
    if not copies:
        return False
    copy = random.choice(copies)
    basket = loyalty.Basket(
        order.channel, sum=order.net, store_id=order.store_id, shipping=80
    )
    verdict = loyalty.check(copy.code, basket=basket, now=order.placed_at)
    if not verdict.is_allowed:
        return False
    loyalty.redeem(
        copy.code, basket=basket, order_source=order.source,
        order_external_id=order.external_id, store=order.store, by=order.seller,
        trigger="helper" if order.store_id else "web", now=order.placed_at,
    )  # fmt: skip
    return True
