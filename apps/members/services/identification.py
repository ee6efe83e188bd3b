"""Find out whose orders these are, a whole batch at a time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, connection, transaction

from apps.channels.models import Account
from apps.members import phones
from apps.members.models import Identity, Member

ATTEMPTS = 5
Key = tuple[str, str]  # kind and value


@dataclass(frozen=True)
class CustomerKeys:
    """What an order says of its customer; anything may be missing."""

    name: str = ""
    phone: str = ""
    email: str = ""
    line_user_id: str = ""


@dataclass(frozen=True)
class _Customer:
    """The keys of one row, the most telling first."""

    name: str
    email: str
    keys: tuple[Key, ...]

    @property
    def is_reachable(self) -> bool:
        """Tell whether there is a key that a lead may be made of."""
        return any(kind != Identity.Kind.EMAIL for kind, _value in self.keys)


def identify_batch(
    customers: Sequence[CustomerKeys],
    *,
    now: datetime,
    account: Account | None = None,
    entry: str = "web",
) -> list[int | None]:
    """Return the member's id for each row, None where nobody can be known by it.

    The LINE id outranks the phone, the phone the e-mail. Somebody unknown with a LINE
    id or a phone becomes one lead, however many rows name them. Keys that lead to two
    members merge nobody, and no key is added to a member who exists: that an order
    names a phone does not prove whose it is. `account` is whose LINE ids these are,
    the brand's first account if not given.
    """
    account = account or Account.objects.filter(is_active=True).order_by("pk").first()
    rows = [_customer(each, account) for each in customers]
    for _attempt in range(ATTEMPTS):
        known = _look_up({key for row in rows for key in row.keys}, account)
        groups = _strangers(rows, known)
        if not groups:
            return [_owner(row, known) for row in rows]
        try:
            with transaction.atomic():
                _add(groups, account, now=now, entry=entry)
        except IntegrityError:
            continue  # somebody met one of them in between: look again
    raise RuntimeError("the same strangers were met at the same time over and over")


def _customer(said: CustomerKeys, account: Account | None) -> _Customer:
    keys: list[Key] = []
    if said.line_user_id and account is not None:
        keys.append((Identity.Kind.LINE, said.line_user_id))
    if number := phones.parsed(said.phone):
        keys.append((Identity.Kind.PHONE, number))
    email = said.email.strip().lower()
    if email:
        keys.append((Identity.Kind.EMAIL, email))
    return _Customer(said.name.strip()[:60], email, tuple(keys))


def _look_up(keys: Iterable[Key], account: Account | None) -> dict[Key, int]:
    """Return whose the keys are, in one statement; arrays keep the plan the same."""
    wanted = sorted(keys)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            select i.kind, i.value, i.member_id
            from unnest(%s::text[], %s::text[]) as k(kind, value)
            join members_identity i on i.kind = k.kind and i.value = k.value
             and i.account_id is not distinct from
                 case when k.kind = 'line' then %s::bigint end
            """,
            [
                [kind for kind, _value in wanted],
                [value for _kind, value in wanted],
                account.pk if account else None,
            ],
        )
        return {(kind, value): member for kind, value, member in cursor.fetchall()}


def _owner(row: _Customer, known: dict[Key, int]) -> int | None:
    return next((known[key] for key in row.keys if key in known), None)


def _strangers(
    rows: Sequence[_Customer], known: dict[Key, int]
) -> list[tuple[_Customer, list[Key]]]:
    """Return who is to be made a lead, with the keys that become theirs.

    Rows that share a key are one person, who is named by the first of them.
    """
    groups: list[tuple[_Customer, list[Key]]] = []
    group_of: dict[Key, int] = {}
    for row in rows:
        if not row.is_reachable or _owner(row, known) is not None:
            continue
        place = next((group_of[key] for key in row.keys if key in group_of), None)
        if place is None:
            place = len(groups)
            groups.append((row, []))
        for key in row.keys:
            if key not in group_of:
                group_of[key] = place
                groups[place][1].append(key)
    return groups


def _add(
    groups: Sequence[tuple[_Customer, list[Key]]],
    account: Account | None,
    *,
    now: datetime,
    entry: str,
) -> None:
    """Make the leads and their keys; sorted, so that two batches cannot deadlock."""
    ordered = sorted(groups, key=lambda group: sorted(group[1]))
    leads = Member.objects.bulk_create(
        (
            Member(
                name=row.name,
                phone=_value(Identity.Kind.PHONE, keys),
                email=_value(Identity.Kind.EMAIL, keys),
                entry=entry,
                created_at=now,
            )
            for row, keys in ordered
        ),
        batch_size=1000,
    )
    owned = [
        (key, lead)
        for lead, (_row, keys) in zip(leads, ordered, strict=True)
        for key in keys
    ]
    _give_keys(sorted(owned, key=lambda pair: pair[0]), account, now=now)


def _give_keys(
    owned: Sequence[tuple[Key, Member]], account: Account | None, *, now: datetime
) -> None:
    Identity.objects.bulk_create(
        (
            Identity(
                member=lead,
                kind=kind,
                account=account if kind == Identity.Kind.LINE else None,
                value=value,
                created_at=now,
            )
            for (kind, value), lead in owned
        ),
        batch_size=1000,
    )


def _value(kind: str, keys: Iterable[Key]) -> str:
    return next((value for each, value in keys if each == kind), "")
