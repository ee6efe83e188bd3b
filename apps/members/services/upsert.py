"""Bring members up to what a system or a file says of them, a batch at a time.

Unlike an order, which only names its customer, such a row is the brand's own record of
the person: it fills in names and dates and adds keys that are nobody's. What it leaves
empty stays as it is; a key that is somebody else's is never taken.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from apps.core import clock
from apps.members import phones
from apps.members.models import Binding, Conflict, Consent, Identity, Member
from apps.members.rules.attributes import Answer, Fault
from apps.members.services import answers, said_tags, steps
from apps.members.services.bindings import hold
from apps.members.services.consents import NOTICE
from apps.members.services.identification import Match, match_batch
from apps.members.services.records import (
    Key,
    MemberIn,
    Places,
    Status,
    Upserted,
    answers_of,
    fault_of,
    keys_of,
    look_up,
    own_keys,
)

AT_ONCE = 1_000  # rows a statement
# Who came by our own pages agrees to the terms there; no file does it in their name.
OWN_PAGES = frozenset({"qr", "line"})
STEPS = frozenset({"new", "changed"})
FILLED = (
    "name",
    "phone",
    "email",
    "gender",
    "birthday",
    "stage",
    "registered_at",
    "home_store",
)


@transaction.atomic
def upsert(
    batch: Sequence[MemberIn],
    *,
    now: datetime,
    system: str = "",
    source: str = "import",
    replaces_tags: bool = False,
) -> list[Upserted]:
    """Bring the members up to the rows; answer for each, in the same order.

    `system` is whose ids `shop_id`, `app_id` and `pos_id` are; `replaces_tags` takes
    every tag that a row with tags does not name. Refused by code:
    "phone", "email", "gender", "birthday", "registered_at", "store_code",
    "staff_code", "posting", "tags", "no_key". Taken with a remark: "conflict" where
    the keys lead to several members (the pair goes to the review list and no key is
    added), "bound" where somebody else serves the member already, "tag_archived".
    """
    places = look_up(batch, clock.day_of(now))
    faults = [fault_of(row, places, system, now) for row in batch]
    sound = [row for row, fault in zip(batch, faults, strict=True) if not fault]
    matches = match_batch(
        [keys_of(row, system) for row in sound],
        now=now,
        entry=source,
        source=Conflict.Source.IMPORT,
        is_trusted=True,
    )
    told = said_tags.take(
        list(_pairs(sound, matches)), source=source, replaces=replaces_tags, now=now
    )
    done = _write(
        sound, matches, places, system, changed=told.changed, source=source, now=now
    )
    written = said_tags.told(done, told)
    return [
        Upserted("rejected", field=fault[0], code=fault[1]) if fault else next(written)
        for fault in faults
    ]


def _write(
    rows: Sequence[MemberIn],
    matches: Sequence[Match],
    places: Places,
    system: str,
    *,
    changed: set[int],
    source: str,
    now: datetime,
) -> list[Upserted]:
    ids = {match.member_id for match in matches if match.member_id}
    people = Member.objects.select_for_update(no_key=True).order_by("pk").in_bulk(ids)
    changed |= _add_keys(rows, matches, system, now=now)
    changed |= _say_consents(rows, matches, source=source, now=now)
    changed |= _answer_questions(rows, matches, places, source=source, now=now)
    bound, kept = _bind(rows, matches, places, now=now)
    changed |= bound
    done: list[Upserted] = []
    seen: set[int] = set()
    touched: dict[int, Member] = {}
    for row, match in zip(rows, matches, strict=True):
        member = people[match.member_id or 0]
        if _fill(member, row, places, now):
            touched[member.pk] = member
            changed.add(member.pk)
        done.append(_answer(member.pk, match, changed, seen, kept, row))
        changed.discard(member.pk)
        seen.add(member.pk)
    Member.objects.bulk_update(touched.values(), FILLED, batch_size=AT_ONCE)
    stepped = {each.member_id for each in done if each.status in STEPS}
    steps.note([pk for pk in stepped if pk is not None], now=now)
    return done


def _answer(
    member_id: int,
    match: Match,
    changed: set[int],
    seen: set[int],
    kept: set[int],
    row: MemberIn,
) -> Upserted:
    status: Status = "unchanged"
    if match.is_new and member_id not in seen:
        status = "new"
    elif member_id in changed:
        status = "changed"
    code = "conflict" if match.others else ""
    if not code and row.staff_code and member_id in kept:
        code = "bound"
    matched_by = "" if match.is_new else match.kind
    return Upserted(status, member_id, matched_by, code=code)


def _fill(member: Member, row: MemberIn, places: Places, now: datetime) -> bool:
    """Write what the row says over the member; return whether anything differs."""
    before = [getattr(member, name) for name in FILLED]
    member.name = row.name.replace("\x00", "").strip()[:60] or member.name
    member.phone = member.phone or phones.parsed(row.phone) or ""
    member.email = member.email or row.email.strip().lower()
    member.gender = row.gender or member.gender
    member.birthday = row.birthday or member.birthday
    if row.store_code and member.home_store_id is None:
        member.home_store_id = places.stores[row.store_code]
    is_lead = member.stage != Member.Stage.REGISTERED
    if row.is_registered and is_lead and member.entry not in OWN_PAGES:
        member.stage = Member.Stage.REGISTERED
        member.registered_at = row.registered_at or now
    return before != [getattr(member, name) for name in FILLED]


def _pairs(
    rows: Sequence[MemberIn], matches: Sequence[Match]
) -> Iterable[tuple[MemberIn, int]]:
    """Yield each row with its member, but for those whose keys lead to several."""
    for row, match in zip(rows, matches, strict=True):
        if match.member_id and not match.others:
            yield row, match.member_id


def _add_keys(
    rows: Sequence[MemberIn], matches: Sequence[Match], system: str, *, now: datetime
) -> set[int]:
    """Add the keys that are nobody's; return the members who got one."""
    wanted: dict[Key, int] = {}
    for row, member in _pairs(rows, matches):
        for key in own_keys(row, system):
            wanted.setdefault(key, member)
    held = Identity.objects.filter(
        value__in={value for _kind, _system, value in wanted}
    )
    taken = set(held.values_list("kind", "system", "value"))
    made = [
        Identity(member_id=member, kind=kind, system=where, value=value, created_at=now)
        for (kind, where, value), member in wanted.items()
        if (kind, where, value) not in taken
    ]
    Identity.objects.bulk_create(made, ignore_conflicts=True, batch_size=AT_ONCE)
    return {identity.member_id for identity in made}


def _say_consents(
    rows: Sequence[MemberIn], matches: Sequence[Match], *, source: str, now: datetime
) -> set[int]:
    """Write each answer that is not the member's latest; return whose were written."""
    said = {
        (member, channel): is_granted
        for row, member in _pairs(rows, matches)
        for channel, is_granted in row.marketing.items()
    }
    latest = Consent.objects.filter(
        member__in={member for member, _channel in said},
        purpose=Consent.Purpose.MARKETING,
    ).order_by("at", "pk")
    known = {
        (member, channel): is_granted
        for member, channel, is_granted in latest.values_list(
            "member_id", "channel", "is_granted"
        )
    }
    made = [
        Consent(
            member_id=member,
            channel=channel,
            purpose=Consent.Purpose.MARKETING,
            is_granted=is_granted,
            source=source,
            notice=NOTICE,
            at=now,
        )
        for (member, channel), is_granted in said.items()
        if known.get((member, channel)) != is_granted
    ]
    Consent.objects.bulk_create(made, batch_size=AT_ONCE)
    return {consent.member_id for consent in made}


def _answer_questions(
    rows: Sequence[MemberIn],
    matches: Sequence[Match],
    places: Places,
    *,
    source: str,
    now: datetime,
) -> set[int]:
    """Write the answers to HQ's own questions; return whose changed."""
    wanted: dict[int, dict[int, Answer]] = {}
    for row, member in _pairs(rows, matches):
        said = answers_of(row, places)
        if said and not isinstance(said, Fault):
            wanted.setdefault(member, {}).update(said)
    return answers.write(wanted, by=None, source=source, now=now)


def _bind(
    rows: Sequence[MemberIn],
    matches: Sequence[Match],
    places: Places,
    *,
    now: datetime,
) -> tuple[set[int], set[int]]:
    """Bind whoever is bound to nobody; return them, and those somebody else serves."""
    wanted = {
        member: (places.staff[row.staff_code], places.stores[row.store_code])
        for row, member in _pairs(rows, matches)
        if row.staff_code
    }
    hold(*sorted(wanted))
    held: dict[int, tuple[int, int]] = {}
    free_from = dict.fromkeys(wanted, now)
    for bond in Binding.objects.filter(member__in=wanted):
        if bond.period.upper is None:
            held[bond.member_id] = (bond.staff_id, bond.store_id)
        else:
            free = max(free_from[bond.member_id], bond.period.upper)
            free_from[bond.member_id] = free
    made = [
        Binding(
            member_id=member,
            staff_id=staff,
            store_id=store,
            period=DateTimeTZRange(free_from[member], None, "[)"),
            source=Binding.Source.IMPORT,
            created_at=now,
        )
        for member, (staff, store) in wanted.items()
        if member not in held
    ]
    Binding.objects.bulk_create(made, batch_size=AT_ONCE)
    kept = {
        member for member, place in wanted.items() if held.get(member, place) != place
    }
    return {bond.member_id for bond in made}, kept
