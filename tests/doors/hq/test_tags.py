"""HQ's tags: the list, one tag, merging with a preview, many members at once."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from apps.audit.models import AuditEntry
from apps.core import clock
from apps.members import services as members
from apps.members.models import Member, MemberTag, Tag
from apps.staff.models import Staff
from tests import make
from tests.loyalty import coupons

pytestmark = pytest.mark.django_db

As = Callable[[Staff], Client]


@pytest.fixture
def coat(db: None) -> Tag:
    return Tag.objects.create(name="大衣控", days=30)


def give(tag: Tag, *people: Member, times: int = 1) -> None:
    for _time in range(times):
        members.tag_members(
            [one.pk for one in people], [tag], source="hq", by=None, now=clock.now()
        )


def text(client: Client, path: str, **query: str | int) -> str:
    answer = client.get(path, query)
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_tag_is_made_revised_archived_and_restored(as_: As, hq: Staff) -> None:
    client = as_(hq)
    bad = client.post("/hq/tags/new/", {"name": "a；b"})
    assert bad.status_code == 422
    assert "不能有「；」" in bad.content.decode()
    assert client.post("/hq/tags/new/", {"name": "送禮", "days": 90}).status_code == 302
    tag = Tag.objects.get()
    url = f"/hq/tags/{tag.pk}/"
    assert "90 天" in text(client, url)

    clash = client.post("/hq/tags/new/", {"name": "送禮"})
    assert clash.status_code == 422
    assert "已經有「送禮」這個標籤" in clash.content.decode()
    client.post(f"{url}edit/", {"name": "送禮達人", "days": ""})
    client.post(f"{url}archive/", {"act": "archive"})

    assert "送禮達人" not in text(client, "/hq/tags/")
    assert "送禮達人" in text(client, "/hq/tags/", tab="archived")
    assert "已封存" in text(client, url)
    client.post(f"{url}archive/", {"act": "restore"})
    assert "不會到期" in text(client, "/hq/tags/", q="送禮")
    actions = set(AuditEntry.objects.values_list("action", flat=True))
    assert {"tag.made", "tag.revised", "tag.archived", "tag.restored"} <= actions


def test_the_page_tells_who_has_it_and_what_gives_it(
    as_: As, hq: Staff, coat: Tag, siyu: Member
) -> None:
    give(coat, siyu, make.member("王小明"))
    coupons.coupon("週年慶", received_tag=coat)
    client = as_(hq)
    html = text(client, f"/hq/tags/{coat.pk}/")
    assert "週年慶" in html
    assert f"/hq/members/?tag={coat.pk}" in html
    row = client.get("/hq/tags/").context["rows"].object_list[0]
    assert row.people == 2


def test_merging_tells_how_many_first(
    as_: As, hq: Staff, coat: Tag, siyu: Member
) -> None:
    cape = Tag.objects.create(name="披肩")
    give(coat, siyu, make.member())
    give(cape, siyu)
    client, url = as_(hq), f"/hq/tags/{coat.pk}/merge/"
    seen = client.get(url, {"into": cape.pk}, headers={"HX-Request": "true"})
    assert "<html" not in seen.content.decode()
    assert "次數相加</dt><dd>1</dd>" in seen.content.decode()
    assert "確定併入" in text(client, url)
    answer = client.post(url, {"into": cape.pk})
    assert answer["Location"] == f"/hq/tags/{cape.pk}/"
    assert cape.given.count() == 2
    assert "大衣控" in text(client, f"/hq/tags/{cape.pk}/")
    assert client.get(url).status_code == 404


def test_the_chosen_are_tagged_at_once_and_all_after_a_second_look(
    as_: As, hq: Staff, siyu: Member, coat: Tag
) -> None:
    other, client = make.member("王小明"), as_(hq)
    form = {
        "tag": coat.pk, "act": "add", "scope": "chosen", "chosen": [siyu.pk],
        "occasion": "form:1",
    }  # fmt: skip
    for _double_click in range(2):
        assert client.post("/hq/members/tag/", form).status_code == 302
    assert MemberTag.objects.get().count == 1
    everybody = form | {"scope": "all", "chosen": []}

    asked = client.post("/hq/members/tag/?q=王", everybody)
    assert "套用到 1 位" in asked.content.decode()
    assert set(coat.members.all()) == {siyu}
    client.post("/hq/members/tag/?q=王", everybody | {"is_sure": "1"})
    assert set(coat.members.all()) == {siyu, other}

    rows = client.get("/hq/members/", {"tag": coat.pk}).context["rows"]
    assert {member.pk for member in rows} == {siyu.pk, other.pk}
    asked = client.post("/hq/members/tag/", everybody)
    assert "沒有選任何條件" in asked.content.decode()
    client.post("/hq/members/tag/", form | {"act": "remove"})
    assert set(coat.members.all()) == {other}


def test_often_within_days_leads_to_the_members(
    as_: As, hq: Staff, siyu: Member, coat: Tag
) -> None:
    give(coat, siyu, times=3)
    give(coat, make.member())
    client = as_(hq)
    for times, found in ((1, 2), (3, 1), (4, 0)):
        query = {"tag": coat.pk, "within": 30, "times": times}
        assert (
            client.get("/hq/members/", query).context["rows"].paginator.count == found
        )


def test_a_members_page_gives_and_takes(
    as_: As, hq: Staff, siyu: Member, coat: Tag
) -> None:
    client, url = as_(hq), f"/hq/members/{siyu.pk}/"
    assert "還沒有標籤" in text(client, url)
    client.post(f"{url}tags/", {"tag": coat.pk, "act": "add", "occasion": "form:1"})
    client.post(f"{url}tags/", {"tag": coat.pk, "act": "add", "occasion": "form:2"})
    html = text(client, url)
    assert "2 次" in html
    assert "為止" in html
    client.post(f"{url}tags/", {"tag": coat.pk, "act": "remove"})
    assert not MemberTag.objects.exists()


def test_a_salesperson_tags_their_own(
    as_: As, lin: Staff, chen: Staff, siyu: Member, coat: Tag
) -> None:
    url = f"/helper/customers/{siyu.pk}/"
    form = {"tag": coat.pk, "act": "add", "occasion": "form:1"}
    assert as_(chen).post(f"{url}tags/", form).status_code == 404
    client = as_(lin)
    for _double_click in range(2):
        client.post(f"{url}tags/", form)
    row = MemberTag.objects.get()
    assert (row.count, row.source) == (1, "staff")
    assert "店員，" in text(client, url)
    client.post(f"{url}tags/", {"tag": coat.pk, "act": "remove"})
    assert not MemberTag.objects.exists()
    assert client.get("/hq/tags/").status_code == 403
    assert client.post(f"/hq/members/{siyu.pk}/tags/", form).status_code == 403


def test_service_gives_tags_and_does_not_design_them(as_: As, coat: Tag) -> None:
    client = as_(make.staff("客服", role=Staff.Role.SERVICE))
    html = text(client, f"/hq/tags/{coat.pk}/")
    assert "封存" not in html
    assert client.get("/hq/tags/new/").status_code == 403
    for act in ("edit", "merge", "archive"):
        assert client.post(f"/hq/tags/{coat.pk}/{act}/").status_code == 403


@pytest.mark.parametrize("many", [1, 60])
def test_the_queries_do_not_grow(
    as_: As,
    hq: Staff,
    many: int,
    coat: Tag,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    people = [make.member() for _n in range(many)]
    give(coat, *people)
    for number in range(many):
        give(Tag.objects.create(name=f"t{number}"), people[0])
    client = as_(hq)
    for path in ("/hq/tags/", f"/hq/tags/{coat.pk}/", f"/hq/tags/{coat.pk}/merge/"):
        with django_assert_max_num_queries(12):
            assert client.get(path).status_code == 200
    with django_assert_max_num_queries(40):
        assert client.get(f"/hq/members/{people[0].pk}/").status_code == 200
