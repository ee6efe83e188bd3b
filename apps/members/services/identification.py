"""Find out whose orders these are, a whole batch at a time, and say by which key."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.db import IntegrityError, transaction

from apps.channels.models import Account
from apps.core import statements
from apps.members import phones
from apps.members.models import Conflict, Identity, Member
from apps.members.models.person import LOCAL_KINDS
from apps.members.services import aliases, conflicts

ATTEMPTS = 5
Key = tuple[str, str, str]  # kind, system and value
# What a lead cannot be made of: an e-mail address alone is typed by anybody.
TOO_LITTLE = frozenset({Identity.Kind.EMAIL})
# Arrays keep the plan the same, however many keys are asked for.
WHOSE = """
    select i.kind, i.system, i.value, m.id, m.merged_into_id
    from unnest(%(kinds)s::text[], %(systems)s::text[], %(values)s::text[])
        as k(kind, system, value)
    join members_identity i on i.kind = k.kind and i.system = k.system
     and i.value = k.value
     and i.account_id is not distinct from
         case when k.kind = 'line' then %(account)s::bigint end
    join members_member m on m.id = i.member_id
    order by m.id
    for key share of m
"""


@dataclass(frozen=True)
class Keys:
    """By what a system knows a person, and what it calls them; any may be missing.

    `shop_id`, `app_id` and `pos_id` are the system's own ids.
    """

    name: str = ""
    phone: str = ""
    email: str = ""
    line_user_id: str = ""
    card: str = ""
    shop_id: str = ""
    app_id: str = ""
    pos_id: str = ""


@dataclass(frozen=True)
class CustomerKeys(Keys):
    """What an order says of its customer.

    `system` is whose ids its own are; without its name they say nothing. `reference` is
    what the row is called, for the person who reviews a conflict.
    """

    system: str = ""
    reference: str = ""


class Match(NamedTuple):
    """Whose row it is, and the kind of key that said so.

    `kind` is "" where nobody is known; `is_new` tells that the lead was made of the
    row; `others` are members to whom keys of lower rank lead.
    """

    member_id: int | None
    kind: str = ""
    is_new: bool = False
    others: tuple[int, ...] = ()


@dataclass(frozen=True)
class _Customer:
    """The keys of one row, the most telling first."""

    name: str
    email: str
    reference: str
    keys: tuple[Key, ...]
    is_trusted: bool = False  # the brand's own record: any key is enough

    @property
    def is_reachable(self) -> bool:
        """Tell whether there is a key that a lead may be made of."""
        kinds = {kind for kind, _system, _value in self.keys}
        return bool(kinds if self.is_trusted else kinds - TOO_LITTLE)


def identify_batch(
    customers: Sequence[CustomerKeys],
    *,
    now: datetime,
    account: Account | None = None,
    entry: str = "web",
) -> list[int | None]:
    """Return the member's id for each row, as `match_batch` finds it."""
    found = match_batch(customers, now=now, account=account, entry=entry)
    return [match.member_id for match in found]


def match_batch(
    customers: Sequence[CustomerKeys],
    *,
    now: datetime,
    account: Account | None = None,
    entry: str = "web",
    source: str = Conflict.Source.ORDER,
    is_trusted: bool = False,
) -> list[Match]:
    """Return for each row the member and the key that matched.

    The LINE id outranks the phone, then card, shop, app and till ids; the e-mail comes
    last. Somebody unknown with any key but an e-mail becomes one lead, however many
    rows name them. Keys that lead to two members merge nobody: the highest decides and
    the pair goes to the review list. No key is added to a member who exists: that an
    order names a phone does not prove whose it is. `account` is whose LINE ids these
    are, the brand's first account if not given. `is_trusted` rows are the brand's own
    records of people: an e-mail alone makes a lead there.

    Call it inside a transaction: until that ends none of the members found can be
    merged away.
    """
    if account is None and any(each.line_user_id for each in customers):
        account = Account.objects.filter(is_active=True).order_by("pk").first()
    rows = [_customer(each, account, is_trusted=is_trusted) for each in customers]
    known, before = _settle(rows, account, now=now, entry=entry)
    matches = [_match(row, known, before) for row in rows]
    conflicts.note(
        [
            conflicts.Said(*_pair(row, known, other), row.reference)
            for row, match in zip(rows, matches, strict=True)
            for other in match.others
        ],
        source=source,
        now=now,
    )
    return matches


def find_batch(customers: Sequence[CustomerKeys]) -> list[int | None]:
    """Return the member's id for each row by its most telling key; makes nobody.

    Call it inside a transaction, as `match_batch`.
    """
    account = None
    if any(each.line_user_id for each in customers):
        account = Account.objects.filter(is_active=True).order_by("pk").first()
    rows = [_customer(each, account) for each in customers]
    known = _look_up({key for row in rows for key in row.keys}, account)
    return [_owner(row, known) for row in rows]


def _settle(
    rows: Sequence[_Customer], account: Account | None, *, now: datetime, entry: str
) -> tuple[dict[Key, int], dict[Key, int]]:
    """Return whose the keys are, and whose they were before strangers became leads."""
    before: dict[Key, int] | None = None
    for _attempt in range(ATTEMPTS):
        known = _look_up({key for row in rows for key in row.keys}, account)
        before = known if before is None else before
        groups = _strangers(rows, known)
        if not groups:
            return known, before
        try:
            with transaction.atomic():
                _add(groups, account, now=now, entry=entry)
        except IntegrityError:
            before = None  # somebody met one of them in between: look again
    raise RuntimeError("the same strangers were met at the same time over and over")


def _customer(
    said: CustomerKeys, account: Account | None, *, is_trusted: bool = False
) -> _Customer:
    email = said.email.strip().lower()
    offered = [
        (Identity.Kind.LINE, said.line_user_id if account is not None else ""),
        (Identity.Kind.PHONE, phones.parsed(said.phone) or ""),
        (Identity.Kind.CARD, card_number(said.card)),
        (Identity.Kind.SHOP, said.shop_id.strip()),
        (Identity.Kind.APP, said.app_id.strip()),
        (Identity.Kind.POS, said.pos_id.strip()),
        (Identity.Kind.EMAIL, email),
    ]
    system = said.system.strip()
    keys = tuple(
        (str(kind), system if kind in LOCAL_KINDS else "", value[:120])
        for kind, value in offered
        if value and (system or kind not in LOCAL_KINDS)
    )
    name, reference = said.name.strip()[:60], said.reference[:80]
    return _Customer(name, email, reference, keys, is_trusted)


def card_number(raw: str) -> str:
    """Return a card's number in one form: capitals, without spaces and hyphens."""
    return "".join(raw.upper().split()).replace("-", "")


def _look_up(keys: Iterable[Key], account: Account | None) -> dict[Key, int]:
    """Return whose the keys are, and keep those members from being merged away."""
    wanted = sorted(keys)
    if not wanted:
        return {}
    kinds, systems, values = zip(*wanted, strict=True)
    facts = {
        "kinds": list(kinds),
        "systems": list(systems),
        "values": list(values),
        "account": account.pk if account else None,
    }
    found = statements.fetch(WHOSE, facts, is_small=len(wanted) <= statements.FEW)
    # Somebody merged them away while this waited for the lock.
    gone = {member for *_key, member, merged_into in found if merged_into is not None}
    keepers = aliases.hold(gone) if gone else {}
    return {
        (kind, system, value): keepers.get(member, member)
        for kind, system, value, member, _merged_into in found
    }


def _match(row: _Customer, known: dict[Key, int], before: dict[Key, int]) -> Match:
    led = [(key[0], known[key]) for key in row.keys if key in known]
    if not led:
        return Match(None)
    kind, member = led[0]
    is_new = not any(before.get(key) == member for key in row.keys)
    if len(led) == 1:
        return Match(member, kind, is_new)
    others = dict.fromkeys(other for _kind, other in led if other != member)
    return Match(member, kind, is_new, tuple(others))


def _pair(
    row: _Customer, known: dict[Key, int], other: int
) -> tuple[int, int, tuple[str, ...], tuple[str, ...]]:
    """Return the row's member and the other one, each with the kinds that led there."""
    member = next(known[key] for key in row.keys if key in known)
    mine, theirs = (
        tuple(key[0] for key in row.keys if known.get(key) == whose)
        for whose in (member, other)
    )
    return member, other, mine, theirs


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
                system=system,
                value=value,
                created_at=now,
            )
            for (kind, system, value), lead in owned
        ),
        batch_size=1000,
    )


def _value(kind: str, keys: Iterable[Key]) -> str:
    return next((value for each, _system, value in keys if each == kind), "")
