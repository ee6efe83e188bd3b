"""The review of merges and the list of leads on HQ's pages."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from apps.audit.models import AuditEntry
from apps.core import clock
from apps.members import services as members
from apps.members.models import (
    Conflict,
    Consent,
    Identity,
    Lead,
    Member,
    Merge,
    Tag,
)
from apps.staff.models import Staff
from apps.stores.models import Store
from tests import make
from tests.doors.sales import bought

pytestmark = pytest.mark.django_db

As = Callable[[Staff], Client]
PHONE = "+886911222333"


@pytest.fixture
def till() -> Member:
    """Return the second record of Siyu, made at a till."""
    person = make.member("思妤", phone=PHONE)
    members.link_key(person, "phone", PHONE, by=None, now=clock.now())
    return person


@pytest.fixture
def pair(siyu: Member, till: Member) -> Conflict:
    line = siyu.identities.get(kind=Identity.Kind.LINE)
    keys = members.CustomerKeys(line_user_id=line.value, phone=PHONE, reference="A-1")
    members.match_batch([keys], now=clock.now())
    return Conflict.objects.get()


def test_from_the_review_list_to_one_member_and_back(
    as_: As, hq: Staff, pair: Conflict, siyu: Member, till: Member
) -> None:
    order = bought(till, 1_280)
    client = as_(hq)
    html = client.get("/hq/merges/").content.decode()
    assert "LINE ／ 手機" in html
    assert "A-1" in html
    url = f"/hq/merges/{siyu.pk}/{till.pk}/"
    page = client.get(url).content.decode()
    assert "陳思妤" in page
    assert PHONE not in page
    seen = client.get(url, {"name": "other"}, headers={"HX-Request": "true"})
    assert "訂單" in seen.content.decode()
    assert "<html" not in seen.content.decode()

    answer = client.post(url, {"name": "other"})

    merge = Merge.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, f"/hq/merges/{merge.pk}/")
    siyu.refresh_from_db()
    assert siyu.name == "思妤"
    shown = client.get(f"/hq/members/{siyu.pk}/").content.decode()
    assert order.external_id in shown
    assert "可還原" in shown
    assert client.get(f"/hq/members/{till.pk}/")["Location"].endswith(f"/{siyu.pk}/")
    found = client.get("/hq/members/", {"q": till.number}).context["rows"]
    assert [member.pk for member in found] == [siyu.pk]
    assert client.post(url).status_code == 404

    told = client.get(f"/hq/merges/{merge.pk}/").content.decode()
    assert "陳思妤" in told
    client.post(f"/hq/merges/{merge.pk}/undo/")

    till.refresh_from_db()
    assert till.merged_into is None
    assert order.external_id in client.get(f"/hq/members/{till.pk}/").content.decode()
    assert "已還原" in client.get("/hq/merges/?tab=merged").content.decode()


def test_two_people_are_kept_apart(as_: As, hq: Staff, pair: Conflict) -> None:
    client = as_(hq)
    client.post(f"/hq/merges/pairs/{pair.pk}/apart/")
    assert client.get("/hq/merges/").context["rows"].paginator.count == 0
    assert client.get("/hq/merges/?tab=apart").context["rows"].paginator.count == 1


def test_a_second_record_is_found_by_name(
    as_: As, hq: Staff, siyu: Member, till: Member
) -> None:
    html = as_(hq).get(f"/hq/members/{siyu.pk}/same/", {"q": "思妤"}).content.decode()
    assert f"/hq/merges/{siyu.pk}/{till.pk}/" in html


def test_reading_a_member_is_recorded(as_: As, hq: Staff, siyu: Member) -> None:
    as_(hq).get(f"/hq/members/{siyu.pk}/")
    entry = AuditEntry.objects.get(action="members.read")
    assert (entry.actor_id, entry.target_id) == (hq.pk, str(siyu.pk))


def test_the_list_is_narrowed_by_everything(
    as_: As, hq: Staff, siyu: Member, lin: Staff, chen: Staff
) -> None:
    new = make.member("王小明", entry="web")
    members.link_key(new, "card", "AB12", by=None, now=clock.now())
    make.order(siyu, 1_000)
    client = as_(hq)

    def names(**query: str | int) -> set[str]:
        rows = client.get("/hq/members/", query).context["rows"]
        return {member.label for member in rows}

    assert names(staff=lin.pk) == {"陳思妤"}
    assert names(staff=chen.pk) == set()
    assert names(source="web") == {"王小明"}
    assert names(stage="registered") == set()
    assert names(last="30") == {"陳思妤"}
    assert names(last="-90") == set()
    assert names(last="never") == {"王小明"}
    assert names(q="ab-12") == {"王小明"}
    assert names(last="?") == {"陳思妤", "王小明"}


def test_leads_are_told_of_assigned_and_won(
    as_: As, hq: Staff, lin: Staff, store: Store
) -> None:
    client = as_(hq)
    form = {"name": "林小姐", "phone": "0933 104 221", "interest": "婚禮洋裝"}
    assert client.post("/hq/leads/new/", form).status_code == 302
    lead = Lead.objects.get()
    assert (lead.member.entry, lead.member.stage) == ("hq", "lead")
    assert client.post("/hq/leads/new/", form | {"phone": ""}).status_code == 422
    assert client.post("/hq/leads/new/", form | {"phone": "1"}).status_code == 422

    sent = {"chosen": [lead.pk], "posting": lin.postings.get().pk}
    client.post("/hq/leads/move/", sent | {"act": "assign"})
    lead.refresh_from_db()
    assert (lead.state, lead.staff, lead.store) == ("assigned", lin, store)
    rows = client.get(f"/hq/leads/?staff={lin.pk}&interest=洋裝")
    assert [row.pk for row in rows.context["rows"]] == [lead.pk]
    client.post("/hq/leads/move/", sent | {"act": "closed"})
    assert client.get("/hq/leads/").context["rows"].paginator.count == 0

    url = f"/hq/leads/{lead.pk}/register/"
    assert client.get(url).status_code == 200
    won = {"name": "林美君", "phone": "0933104221", "terms": "on"}
    assert client.post(url, won | {"terms": ""}).status_code == 422
    assert client.post(url, won).status_code == 302
    lead.refresh_from_db()
    assert (lead.state, lead.member.stage) == ("converted", "registered")
    assert Consent.objects.filter(member=lead.member, purpose="terms").exists()


def test_a_lead_with_a_members_phone_is_offered_the_merge(
    as_: As, hq: Staff, till: Member
) -> None:
    lead = make.member("小妤")
    answer = as_(hq).post(
        f"/hq/leads/{lead.pk}/register/",
        {"name": "思妤", "phone": "0911222333", "terms": "on"},
    )
    assert answer.status_code == 422
    assert f"/hq/merges/{till.pk}/{lead.pk}/" in answer.content.decode()


def test_finance_neither_merges_nor_sees_leads(as_: As, pair: Conflict) -> None:
    client = as_(make.staff("財務", role=Staff.Role.FINANCE))
    for path in ("/hq/merges/", "/hq/leads/"):
        assert client.get(path).status_code == 403
    marketing = as_(make.staff("行銷", role=Staff.Role.MARKETING))
    assert marketing.get("/hq/leads/").status_code == 200
    url = f"/hq/merges/{pair.first_id}/{pair.second_id}/"
    assert marketing.post(url).status_code == 403


@pytest.mark.parametrize("rows", [1, 50])
def test_the_queries_do_not_grow(
    as_: As,
    hq: Staff,
    lin: Staff,
    store: Store,
    siyu: Member,
    rows: int,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    for number in range(rows):
        one, two = make.member(f"甲{number}"), make.member(f"乙{number}")
        Tag.objects.get_or_create(name=f"t{number}")[0].members.add(one)
        Conflict.objects.create(
            first=one, second=two, source="order", first_kinds="card",
            second_kinds="phone", created_at=clock.now(), seen_at=clock.now(),
        )  # fmt: skip
        members.link_key(siyu, "card", f"C{number}", by=None, now=clock.now())
    ids = list(Member.objects.values_list("pk", flat=True))
    members.assign_leads(ids, lin, store, by=hq, now=clock.now())
    other = make.member("別人")
    client = as_(hq)
    for path in ("/hq/members/", "/hq/leads/", "/hq/merges/"):
        with django_assert_max_num_queries(18):
            assert client.get(path).status_code == 200
    with django_assert_max_num_queries(34):
        client.get(f"/hq/members/{siyu.pk}/")
    with django_assert_max_num_queries(45):
        client.get(f"/hq/merges/{siyu.pk}/{other.pk}/")
