"""A member found by phone or by LINE id with all that the page tells, beside its SQL.

The floor asks the same questions with plain statements and makes nothing of what they
answer. Both sides must name the same person, salesperson and orders.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from django.db import connection

from apps.members import services as members
from apps.members.models import Identity, Member
from apps.reports.customers import customer_360
from tests.bench import database
from tests.bench.database import line_user_of, phone_of
from tests.bench.harness import Row, compare

REPEATED = 40
BY_KEY = """
    select m.* from members_member m join members_identity i on i.member_id = m.id
    where i.kind = %s and i.account_id is not distinct from %s and i.system = ''
      and i.value = %s
"""
QUESTIONS = (
    "select * from members_memberfacts where member_id = %(member)s",
    """select t.* from loyalty_standing s join loyalty_tier t on t.id = s.tier_id
       where s.member_id = %(member)s""",
    """select t.name from members_tag t
       join members_tag_members g on g.tag_id = t.id
       where g.member_id = %(member)s order by t.name""",
    """select product_id, count(*), max(at) as latest from attribution_pageview
       where member_id = %(member)s and product_id is not null
       group by product_id order by latest desc limit 3""",
)
BOND = """
    select s.id, s.*, t.* from members_binding b
    join staff_staff s on s.id = b.staff_id join stores_store t on t.id = b.store_id
    where b.member_id = %(member)s and upper_inf(b.period)
"""
ORDERS = """
    select id, source, external_id, placed_at, channel, net, refunded from orders_order
    where member_id = %(member)s order by placed_at desc, id desc limit 5
"""
LINES = "select * from orders_orderline where order_id = any(%s) order by position"

Named = tuple[int, int | None, list[int]]
Key = Callable[[int], tuple[str, int | None, str]]


def run(pairs: int = 7, members: int = 10_000) -> list[Row]:
    """Return the page's cost over its statements', by phone and by LINE id."""
    database.fill(members)
    chosen = [1 + number * 37 % members for number in range(REPEATED)]
    on_line = list(
        Identity.objects.filter(kind=Identity.Kind.LINE)
        .order_by("member_id")
        .values_list("member_id", flat=True)[:REPEATED]
    )
    ways: dict[str, tuple[Sequence[int], Callable[[int], Named], Key]] = {
        "phone": (chosen, _by_phone, lambda pk: ("phone", None, phone_of(pk))),
        "LINE id": (on_line, _by_line, lambda pk: ("line", 1, line_user_of(pk))),
    }
    rows = []
    for way, (people, work, key) in ways.items():
        floor = partial(_floor, key)
        assert [work(pk) for pk in people] == [floor(pk) for pk in people]
        rows.append(
            compare(
                f"member_page, by {way}",
                partial(_each, work, people),
                partial(_each, floor, people),
                target="<= 2",
                pairs=pairs,
            )
        )
    return rows


def _each(work: Callable[[int], Named], people: Sequence[int]) -> None:
    for pk in people:
        work(pk)


def _by_phone(pk: int) -> Named:
    found = members.find_by_phone(phone_of(pk))
    assert found is not None
    return _page(found)


def _by_line(pk: int) -> Named:
    found = Identity.objects.select_related("member").get(
        kind=Identity.Kind.LINE, account_id=1, value=line_user_of(pk)
    )
    return _page(found.member)


def _page(member: Member) -> Named:
    told = customer_360(member, now=database.NOW)
    staff = told.binding.staff_id if told.binding else None
    return member.pk, staff, [purchase.pk for purchase in told.purchases]


def _floor(key: Key, pk: int) -> Named:
    with connection.cursor() as cursor:
        cursor.execute(BY_KEY, key(pk))
        member = cursor.fetchall()[0][0]
        for question in QUESTIONS:
            cursor.execute(question, {"member": member})
            cursor.fetchall()
        cursor.execute(BOND, {"member": member})
        bond = cursor.fetchall()
        cursor.execute(ORDERS, {"member": member})
        bought = [row[0] for row in cursor.fetchall()]
        cursor.execute(LINES, [bought])
        cursor.fetchall()
    return member, bond[0][0] if bond else None, bought
