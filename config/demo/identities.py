"""Records that may be one person, a pair that was merged, and leads with interests."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from random import Random

from apps.members import services as members
from apps.members.models import Identity, Lead, Member
from apps.orders import services as orders
from apps.orders.services import CustomerIn, LineIn, OrderIn
from apps.staff.models import Staff
from config.demo import brand
from config.demo.places import Places

TILL = "till"
TWICE = 7  # members with a second record, made at a till
FORMS = (
    ("林小姐", "0933 104 221", "婚禮洋裝", "十二月底要穿，想約試穿"),
    ("Emily", "0955 730 118", "羊毛大衣", "想看駝色，160 公分"),
    ("陳先生", "0917 662 043", "送禮圍巾", "預算 2,000 元"),
    ("吳媽媽", "0928 415 907", "長輩針織衫", ""),
)
INTERESTS = ("羊毛大衣", "托特包", "上班穿搭", "針織衫", "週末市集")


def build(random: Random, places: Places, *, now: datetime) -> None:
    """Make second records of some members, a merge and the leads' interests."""
    seconds = _second_records(random, places, now=now)
    service = Staff.objects.get(code="service")
    _merge_one(seconds.pop(), by=service, now=now)
    _say_that_they_may_be_one(seconds, now=now)
    _leads(random, places, by=service, now=now)


def _second_records(
    random: Random, places: Places, *, now: datetime
) -> list[tuple[Member, Member]]:
    """Let a till know some members by a card and the telephone at home."""
    known = list(
        Member.objects.filter(stage=Member.Stage.REGISTERED)
        .exclude(name__in=brand.REGULARS)
        .order_by("pk")[: TWICE * 4]
    )
    twice = random.sample(known, min(TWICE, len(known)))
    keys = [
        members.CustomerKeys(
            name=f"{member.name[:1]}小姐", phone=_home_phone(member),
            card=f"QC{member.pk:06d}", pos_id=f"T{member.pk}", system=TILL,
        )
        for member in twice
    ]  # fmt: skip
    found = members.identify_batch(keys, now=now - timedelta(days=40), entry="pos")
    ids = [pk for pk in found if pk is not None]
    Member.objects.filter(pk__in=ids).update(birthday=date(1985, 1, 1))
    orders.record(
        [_at_the_till(random, places, member, now=now) for member in twice], now=now
    )
    made = Member.objects.in_bulk(ids)
    return [
        (member, made[pk])
        for member, pk in zip(twice, found, strict=True)
        if pk is not None
    ]


def _home_phone(member: Member) -> str:
    return f"02-2700-{member.pk:04d}"


def _at_the_till(
    random: Random, places: Places, member: Member, *, now: datetime
) -> OrderIn:
    product = random.choice(places.products)
    variant = random.choice(places.variants[product.pk])
    at = now - timedelta(days=random.randint(5, 38))
    line = LineIn("1", variant.sku, product.name, 1, product.price)
    return OrderIn(
        "pos", f"P-HOME-{member.pk}", "store", at, (line,), paid_at=at,
        customer=CustomerIn(phone=_home_phone(member)),
        store_code=random.choice(places.stores).code,
    )  # fmt: skip


def _merge_one(pair: tuple[Member, Member], *, by: Staff, now: datetime) -> None:
    members.merge(*pair, by=by, now=now - timedelta(days=3))


def _say_that_they_may_be_one(
    pairs: list[tuple[Member, Member]], *, now: datetime
) -> None:
    """Let orders name the phone of one record and the card of the other."""
    for days, (member, second) in enumerate(pairs, start=1):
        card = second.identities.get(kind=Identity.Kind.CARD).value
        keys = members.CustomerKeys(
            phone=member.phone, card=card, reference=f"S2611-{second.pk:05d}"
        )
        members.match_batch([keys] * (days % 3 + 1), now=now - timedelta(days=days))


def _leads(random: Random, places: Places, *, by: Staff, now: datetime) -> None:
    for days, (name, phone, interest, note) in enumerate(FORMS, start=1):
        members.capture_lead(
            members.CustomerKeys(name=name, phone=phone), interest=interest, note=note,
            source="form", now=now - timedelta(days=days),
        )  # fmt: skip
    friends = Member.objects.filter(nickname__in=brand.LEADS, stage=Member.Stage.LEAD)
    Lead.objects.bulk_create(
        Lead(member=member, interest=random.choice(INTERESTS), changed_at=now)
        for member in friends.order_by("pk")[:5]
    )
    store = places.stores[0]
    seller = random.choice(places.sellers[store.pk])
    ids = list(Lead.objects.order_by("pk").values_list("pk", flat=True)[:4])
    members.assign_leads(ids[:3], seller, store, by=by, now=now)
    members.move_leads(ids[2:4], Lead.State.CONTACTED, by=by, now=now)
