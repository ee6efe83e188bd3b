"""Makers: small typed functions that put believable rows into the test database."""

from __future__ import annotations

import itertools
from datetime import date, datetime

from apps.channels.models import Account
from apps.core import clock
from apps.members.models import Identity, Member
from apps.staff.models import Posting, Staff
from apps.stores.models import Region, Store

_numbers = itertools.count(1)


def number() -> int:
    """Return a number that no other row of the run has."""
    return next(_numbers)


def region(name: str = "北區") -> Region:
    """Return the region of that name."""
    return Region.objects.get_or_create(name=name)[0]


def store(name: str = "台北中山店", **fields: object) -> Store:
    """Make a store."""
    fields.setdefault("code", f"s{number()}")
    fields.setdefault("region", region())
    return Store.objects.create(name=name, **fields)


def staff(
    name: str = "林怡君",
    *,
    at: Store | None = None,
    role: str = Staff.Role.SALESPERSON,
    since: date = date(2024, 1, 1),
    **fields: object,
) -> Staff:
    """Make a person, posted to the store if one is given."""
    fields.setdefault("code", f"e{number()}")
    person = Staff(name=name, role=role, **fields)
    person.set_unusable_password()
    person.save()
    if at is not None:
        Posting.objects.create(staff=person, store=at, starts_on=since)
    return person


def account(slug: str = "main", **fields: object) -> Account:
    """Return the brand's LINE account of that slug."""
    defaults = {
        "name": "晴川衣著",
        "basic_id": "@regulars",
        "channel_id": "1650000001",
        "channel_secret": "test-channel-secret",
        "access_token": "test-access-token",
        "login_channel_id": "1650000002",
        "login_channel_secret": "test-login-secret",
        "liff_id": "1650000002-abcdefgh",
        **fields,
    }
    return Account.objects.get_or_create(slug=slug, defaults=defaults)[0]


def line_user_id() -> str:
    """Return a LINE user id that nobody has yet."""
    return f"U{number():032x}"


def member(
    name: str = "陳思妤",
    *,
    user_id: str = "",
    on: Account | None = None,
    now: datetime | None = None,
    **fields: object,
) -> Member:
    """Make a lead; with `user_id` or `on` one who is known on LINE."""
    at = now or clock.now()
    person = Member.objects.create(name=name, created_at=at, **fields)
    if user_id or on is not None:
        Identity.objects.create(
            member=person,
            kind=Identity.Kind.LINE,
            account=on or account(),
            value=user_id or line_user_id(),
            friend=Identity.Friend.FRIEND,
            created_at=at,
        )
    return person
