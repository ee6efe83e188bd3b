"""The inbox of the busiest and of a usual salesperson, beside its bare SQL.

The floor asks the same questions with psycopg and makes nothing of the answers. The
processor's time is compared, this process's and its database server's together; both
sides must name the same conversations.
"""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.test import RequestFactory

from apps.channels.models import Account
from apps.conversations import reports
from apps.conversations.models import Conversation
from apps.core import clock
from apps.desk import conversations as desk
from apps.members.models import Member
from apps.staff.models import Staff
from tests import make
from tests.bench import database
from tests.bench.harness import Row, compare, processor

BUSIEST, USUAL, WAITING = 2_000, 60, 12
REPEATED = 60

COLUMNS = """
select c.id, c.last_message_at, c.preview, c.preview_kind, c.is_answered, c.unread,
    c.waiting_since, c.status, m.id, m.name, m.nickname, m.number, t.code, t.name,
    t.name_en, s.name, s.name_en
from conversations_conversation c
join members_member m on m.id = c.member_id
left join loyalty_standing g on g.member_id = m.id
left join loyalty_tier t on t.id = g.tier_id
left join staff_staff s on s.id = c.staff_id
where c.desk = 'staff' and c.staff_id = %(staff)s and c.status = 'open'
"""
WAITERS = (
    f"{COLUMNS} and waiting_since is not null order by waiting_since, c.id limit 200"
)
LATEST = f"""{COLUMNS} and waiting_since is null
order by last_message_at desc, c.id desc limit %(rest)s"""


def run(pairs: int = 7, members: int = 10_000) -> list[Row]:
    """Return the list's cost over its SQL's, and the whole page's.

    Around them lie the conversations of the brand's members on LINE.
    """
    database.fill(members, talks=True)
    rows = []
    for code, size in (("bench-busiest", BUSIEST), ("bench-usual", USUAL)):
        staff = _staff(code, size)
        name = code.removeprefix("bench-")
        assert [row.pk for row in reports.inbox_of(staff).rows] == _floor(staff)
        for what, work in (("inbox", _report), ("inbox page", _page)):
            rows.append(
                compare(
                    f"{what}, {name}",
                    partial(_often, partial(work, staff)),
                    partial(_often, partial(_floor, staff)),
                    target="<= 3 (cpu)",
                    pairs=pairs,
                    clock=processor,
                )
            )
    return rows


def _often(work: Any) -> None:
    """Do it many times, for a clock that ticks a hundred times a second."""
    for _time in range(REPEATED):
        work()


def _report(staff: Staff) -> None:
    reports.inbox_of(staff)


def _page(staff: Staff) -> None:
    request = RequestFactory().get("/", headers={"HX-Request": "true"})
    request.user = staff
    request.session = {}  # type: ignore[assignment]  # nobody asks for it
    response = desk.index(request)
    assert response.status_code == 200, response
    assert not isinstance(request.user, AnonymousUser)


def _floor(staff: Staff) -> list[int]:
    """Ask the bare questions; return the conversations named."""
    facts = {"staff": staff.pk}
    with connection.cursor() as cursor:
        cursor.execute(WAITERS, facts)
        found = cursor.fetchall()
        cursor.execute(LATEST, {**facts, "rest": reports.PAGE + 1 - len(found)})
        found += cursor.fetchall()
    return [row[0] for row in found[: reports.PAGE]]


def _staff(code: str, size: int) -> Staff:
    """Return the salesperson with that many conversations; made at the first run."""
    found = Staff.objects.filter(code=code).first()
    if found is not None:
        return found
    staff = make.staff("林怡君", code=code, at=make.store())
    _talk(staff, size)
    with connection.cursor() as cursor:
        cursor.execute("analyze conversations_conversation, members_member")
    return staff


def _talk(staff: Staff, size: int) -> None:
    account: Account = make.account("bench-inbox")
    now = clock.now()
    people = Member.objects.bulk_create(
        [
            Member(name=f"顧客 {n}", created_at=now, number=f"{staff.code}-{n}"[-20:])
            for n in range(size)
        ],
        batch_size=2_000,
    )
    Conversation.objects.bulk_create(
        [
            Conversation(
                account=account,
                member=person,
                address=f"U{person.pk:032x}",
                desk="staff",
                staff=staff,
                desk_reason="bound",
                preview="駝色 M 號中山店有貨嗎？",
                last_message_at=now - timedelta(minutes=place),
                waiting_since=now - timedelta(minutes=place)
                if place < WAITING
                else None,
                created_at=now,
            )
            for place, person in enumerate(people)
        ],
        batch_size=2_000,
    )
