"""The demo's members: who they are, whom they are bound to, what they agreed to."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from faker import Faker

from apps.core import clock
from apps.members.models import Binding, Consent, Identity, Member, MemberTag, Tag
from apps.staff.models import Staff
from config.demo import brand
from config.demo.places import Places

BATCH = 2_000
BOUND = 0.64
FRIENDS = 0.78
NOTICE = "2026-01"


@dataclass(frozen=True, slots=True)
class Customer:
    """What the story needs to know of a member."""

    pk: int
    name: str
    phone: str
    line_user_id: str  # "" for who is no friend of the account
    staff: Staff | None
    store_id: int
    joined: datetime
    since: datetime  # bound since
    fondness: float  # how often the person buys, against the mean of one
    lead: bool


def line_user_id(index: int) -> str:
    """Return the LINE id of the demo's n-th member, the same on every machine."""
    return "U" + hashlib.md5(f"regulars-{index}".encode()).hexdigest()  # noqa: S324


def build(
    random: Random, faker: Faker, places: Places, *, count: int, now: datetime
) -> Iterator[list[Customer]]:
    """Make `count` members, batch by batch."""
    tags = Tag.objects.bulk_create(Tag(name=name) for name in brand.TAGS)
    for start in range(0, count, BATCH):
        indexes = range(start, min(start + BATCH, count))
        drafts = [_draft(random, faker, places, index, now=now) for index in indexes]
        yield _store_batch(random, places, drafts, tags, now=now)


@dataclass(slots=True)
class _Draft:
    index: int
    member: Member
    staff: Staff | None
    store_id: int
    since: datetime
    is_friend: bool
    fondness: float


def _draft(
    random: Random, faker: Faker, places: Places, index: int, *, now: datetime
) -> _Draft:
    is_regular = index < len(brand.REGULARS)
    is_lead = not is_regular and index < len(brand.REGULARS) + len(brand.LEADS)
    store = random.choices(places.stores, weights=places.weights)[0]
    staff = None
    if is_regular:
        staff = Staff.objects.get(code="lin")
        store = places.stores[0]
    elif not is_lead and random.random() < BOUND:
        staff = random.choice(places.sellers[store.pk])
    joined = now - timedelta(
        days=random.randint(1, 700), minutes=random.randint(0, 600)
    )
    since = min(
        now - timedelta(hours=1), joined + timedelta(days=random.randint(0, 60))
    )
    name = brand.REGULARS[index] if is_regular else faker.name_female()
    if not is_regular and random.random() < 0.15:
        name = faker.name_male()
    member = Member(
        number=f"28{600_000_000_000 + index * 7919:014d}",
        name="" if is_lead else name,
        nickname=brand.LEADS[index - len(brand.REGULARS)] if is_lead else name,
        phone="" if is_lead else f"+8869{10_000_000 + index * 7919 % 89_999_999:08d}",
        gender="" if is_lead else "female",
        birthday=None if is_lead else _birthday(random, index, now),
        stage=Member.Stage.LEAD if is_lead else Member.Stage.REGISTERED,
        entry="line" if is_lead else random.choice(("qr", "qr", "pos", "web")),
        home_store=None if is_lead else store,
        created_at=joined,
        registered_at=None if is_lead else joined,
    )
    is_friend = (
        is_regular or is_lead or staff is not None or random.random() < FRIENDS / 2
    )
    fondness = 3.2 if is_regular else random.lognormvariate(0, 0.8) / 1.38
    return _Draft(index, member, staff, store.pk, since, is_friend, fondness)


def _birthday(random: Random, index: int, now: datetime) -> date:
    """Return a birthday; 張庭瑄 has hers tomorrow, as the screens tell."""
    born = date(random.randint(1968, 2004), 1, 1) + timedelta(
        days=random.randint(0, 364)
    )
    if index == brand.REGULARS.index("張庭瑄"):
        tomorrow = clock.day_of(now) + timedelta(days=1)
        return tomorrow.replace(year=1992)
    return born


def _store_batch(
    random: Random,
    places: Places,
    drafts: list[_Draft],
    tags: list[Tag],
    *,
    now: datetime,
) -> list[Customer]:
    Member.objects.bulk_create([draft.member for draft in drafts])
    Identity.objects.bulk_create(
        identity for draft in drafts for identity in _identities(places, draft)
    )
    Binding.objects.bulk_create(
        Binding(
            member=draft.member,
            staff=draft.staff,
            store_id=draft.store_id,
            period=DateTimeTZRange(draft.since, None, "[)"),
            source=random.choice(("login", "liff", "message")),
            created_at=draft.since,
        )
        for draft in drafts
        if draft.staff is not None
    )
    registered = [draft for draft in drafts if draft.member.registered_at]
    Consent.objects.bulk_create(
        Consent(
            member=draft.member,
            channel="line",
            purpose=purpose,
            is_granted=purpose == Consent.Purpose.TERMS or random.random() < 0.7,
            source="bind",
            notice=NOTICE,
            at=draft.member.created_at,
        )
        for draft in registered
        for purpose in (Consent.Purpose.TERMS, Consent.Purpose.MARKETING)
    )
    MemberTag.objects.bulk_create(
        MemberTag(tag=tag, member=draft.member)
        for draft in registered
        for tag in random.sample(tags, k=random.choice((0, 0, 1, 2, 3)))
    )
    return [_customer(draft) for draft in drafts]


def _identities(places: Places, draft: _Draft) -> Iterator[Identity]:
    member = draft.member
    if member.phone:
        yield Identity(
            member=member,
            kind="phone",
            value=member.phone,
            created_at=member.created_at,
        )
    if draft.is_friend:
        yield Identity(
            member=member,
            kind="line",
            account=places.account,
            value=line_user_id(draft.index),
            friend="friend",
            followed_at=member.created_at,
            name=member.label,
            created_at=member.created_at,
        )


def _customer(draft: _Draft) -> Customer:
    return Customer(
        pk=draft.member.pk,
        name=draft.member.label,
        phone=draft.member.phone,
        line_user_id=line_user_id(draft.index) if draft.is_friend else "",
        staff=draft.staff,
        store_id=draft.store_id,
        joined=draft.member.created_at,
        since=draft.since,
        fondness=draft.fondness,
        lead=draft.member.stage == Member.Stage.LEAD,
    )
