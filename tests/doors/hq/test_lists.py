"""HQ's members, orders, people and search: who sees them, filters, binding by hand."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from apps.audit.models import AuditEntry
from apps.conversations.models import Conversation
from apps.members.models import Binding, Member
from apps.staff.models import Staff
from apps.stores.models import Store
from tests import make
from tests.doors.sales import bought, rung_up, waiting

pytestmark = pytest.mark.django_db

As = Callable[[Staff], Client]
PAGES = ("/hq/members/", "/hq/orders/", "/hq/staff/", "/hq/search/")
LIST_QUERIES, MEMBER_QUERIES = 18, 34


def names(client: Client, **query: str) -> set[str]:
    answer = client.get("/hq/members/", query)
    return {member.label for member in answer.context["rows"]}


@pytest.mark.parametrize(
    ("role", "open_to"),
    [
        (Staff.Role.ADMIN, {"members", "orders", "staff", "search"}),
        (Staff.Role.SERVICE, {"members", "orders", "search"}),
        (Staff.Role.FINANCE, {"orders", "search"}),
        (Staff.Role.SALESPERSON, set()),
    ],
)
def test_each_role_opens_its_pages(
    as_: As, store: Store, role: str, open_to: set[str]
) -> None:
    client = as_(make.staff("某人", at=store, role=role))

    for path in PAGES:
        allowed = path.split("/")[2] in open_to
        assert client.get(path).status_code == (200 if allowed else 403), path


def test_members_are_found_and_narrowed(
    as_: As, hq: Staff, siyu: Member, store: Store, other_store: Store
) -> None:
    make.member("王小明", phone="+886912345678", number="2800000000017")
    client = as_(hq)

    assert names(client) == {"陳思妤", "王小明"}
    assert names(client, q="思") == {"陳思妤"}
    assert names(client, q="0912-345-678") == {"王小明"}
    assert names(client, q="2800000000017") == {"王小明"}
    assert names(client, bound="yes") == {"陳思妤"}
    assert names(client, bound="no") == {"王小明"}
    assert names(client, store=str(store.pk)) == {"陳思妤"}
    assert names(client, store=str(other_store.pk)) == set()
    assert names(client, store="x", tier="y", bound="z") == {"陳思妤", "王小明"}
    assert "沒有符合的會員" in client.get("/hq/members/?q=nobody").content.decode()


def test_htmx_gets_the_rows_alone(as_: As, hq: Staff, siyu: Member) -> None:
    html = as_(hq).get("/hq/members/", headers={"HX-Request": "true"}).content.decode()

    assert "陳思妤" in html
    assert "<html" not in html


def test_a_member_is_shown_with_orders_and_bonds(
    as_: As, hq: Staff, siyu: Member
) -> None:
    order = bought(siyu, 4_280)

    html = as_(hq).get(f"/hq/members/{siyu.pk}/").content.decode()

    assert order.external_id in html
    assert "林怡君" in html
    assert "台北中山店" in html


def test_service_rebinds_a_customer_whose_chat_follows(
    as_: As, siyu: Member, lin: Staff, chen: Staff, other_store: Store
) -> None:
    waiting(siyu, desk="staff", staff=lin)
    service = make.staff("邱詩涵", role=Staff.Role.SERVICE)
    client, url = as_(service), f"/hq/members/{siyu.pk}/binding/"

    answer = client.post(url, {"posting": chen.postings.get().pk})

    assert answer.status_code == 302
    binding = Binding.objects.current().get(member=siyu)
    assert (binding.staff, binding.store) == (chen, other_store)
    assert Conversation.objects.get(member=siyu).staff == chen
    assert AuditEntry.objects.filter(actor_id=service.pk).exists()


def test_a_binding_is_ended_and_the_chat_goes_to_hq(
    as_: As, hq: Staff, siyu: Member, lin: Staff
) -> None:
    waiting(siyu, desk="staff", staff=lin)

    answer = as_(hq).delete(
        f"/hq/members/{siyu.pk}/binding/", headers={"HX-Request": "true"}
    )

    assert answer.status_code == 204
    assert answer["HX-Refresh"] == "true"
    assert not Binding.objects.current().filter(member=siyu).exists()
    assert Conversation.objects.get(member=siyu).desk == "hq"


def test_binding_to_nobody_is_told_beside_the_field(
    as_: As, hq: Staff, siyu: Member
) -> None:
    answer = as_(hq).post(f"/hq/members/{siyu.pk}/binding/", {"posting": "0"})

    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.content.decode()


def test_marketing_may_look_but_not_bind(as_: As, siyu: Member) -> None:
    client = as_(make.staff("行銷", role=Staff.Role.MARKETING))
    page = client.get(f"/hq/members/{siyu.pk}/")

    assert page.status_code == 200
    assert "更換推薦人" not in page.content.decode()
    assert client.delete(f"/hq/members/{siyu.pk}/binding/").status_code == 403


def test_orders_are_narrowed(
    as_: As, hq: Staff, lin: Staff, siyu: Member, store: Store
) -> None:
    web, till = bought(siyu, 1_000), rung_up(lin, 2_000)
    client = as_(hq)

    def numbers(**query: str) -> set[str]:
        rows = client.get("/hq/orders/", query).context["rows"]
        return {order.external_id for order in rows}

    assert numbers() == {web.external_id, till.external_id}
    assert numbers(channel="web") == {web.external_id}
    assert numbers(store=str(store.pk)) == {till.external_id}
    assert numbers(basis="binding") == {web.external_id}
    assert numbers(q=till.external_id) == {till.external_id}


def test_whoever_earned_several_lines_is_named_once(
    as_: As, hq: Staff, lin: Staff, siyu: Member
) -> None:
    bought(siyu, 3_000, 2_000, 1_000)

    html = as_(hq).get("/hq/orders/").content.decode()

    assert html.count(lin.label) == 1


def test_people_are_listed_with_their_customers(
    as_: As, hq: Staff, lin: Staff, siyu: Member
) -> None:
    waiting(siyu, desk="staff", staff=lin)

    people = {row.pk: row for row in as_(hq).get("/hq/staff/").context["people"]}

    assert (people[lin.pk].customers, people[lin.pk].waiting) == (1, 1)
    assert people[hq.pk].customers == 0


def test_one_field_finds_members_orders_and_people(
    as_: As, hq: Staff, lin: Staff, siyu: Member
) -> None:
    order = bought(siyu, 1_000)
    client = as_(hq)

    assert "陳思妤" in client.get("/hq/search/?q=思妤").content.decode()
    assert lin.code in client.get("/hq/search/?q=林怡").content.decode()
    assert order.external_id in client.get(
        f"/hq/search/?q={order.external_id}"
    ).content.decode()  # fmt: skip
    assert "沒有找到" in client.get("/hq/search/?q=zzz").content.decode()
    finance = as_(make.staff("財務", role=Staff.Role.FINANCE))
    assert "陳思妤" not in finance.get("/hq/search/?q=思妤").content.decode()


@pytest.mark.parametrize("rows", [1, 50])
def test_the_queries_do_not_grow_with_the_lists(
    as_: As,
    hq: Staff,
    lin: Staff,
    store: Store,
    siyu: Member,
    rows: int,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    for number in range(rows):
        buyer = make.member(f"思{number}", on=make.account())
        make.bound(buyer, lin, store, since=siyu.created_at)
        make.order(siyu, 1_000)
        make.staff(f"店員{number}", at=store)
    client = as_(hq)

    for path in (*PAGES, "/hq/search/?q=思"):
        with django_assert_max_num_queries(LIST_QUERIES):
            assert client.get(path).status_code == 200
    with django_assert_max_num_queries(MEMBER_QUERIES):
        client.get(f"/hq/members/{siyu.pk}/")
