"""HQ's plans: read in words, drafted, tried by an example, published and ended."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.commissions import rules
from apps.commissions.models import Plan, PlanDraft
from apps.core import clock
from apps.staff.models import Staff
from tests import make

pytestmark = pytest.mark.django_db

As = Callable[[Staff], Client]


def typed(draft: PlanDraft, **changes: str) -> dict[str, str]:
    """Return what the draft's form sends: 3 %, one tier and one exception."""
    coat = make.product()
    return {
        "name": "新版導購", "online": "3", "online_unit": "percent",
        "in_store": "20", "in_store_unit": "each", "threshold": "50000",
        "recruit": "30", "received": "5", "handed": "5",
        "tiers-TOTAL_FORMS": "2", "tiers-INITIAL_FORMS": "0",
        "tiers-0-above": "200000", "tiers-0-extra": "1.5",
        "tiers-1-above": "", "tiers-1-extra": "",
        "specials-TOTAL_FORMS": "1", "specials-INITIAL_FORMS": "0",
        "specials-0-category": str(coat.category_id), "specials-0-store": "",
        "specials-0-rate": "5", "specials-0-unit": "percent",
        **changes,
    }  # fmt: skip


@pytest.fixture
def draft(as_: As, hq: Staff, lin: Staff) -> PlanDraft:
    """Return a draft for Lin alone, as HQ began it."""
    as_(hq).post("/hq/plans/drafts/", {"role": "", "store": "", "staff": lin.pk})
    return PlanDraft.objects.get()


def test_a_draft_is_written_tried_and_published(
    as_: As, hq: Staff, draft: PlanDraft, lin: Staff
) -> None:
    client, url = as_(hq), f"/hq/plans/drafts/{draft.pk}/"
    assert client.post(url, typed(draft)).status_code == 302
    html = client.get(url).content.decode()
    for words in (
        "超過 NT$200,000 的部分，再加 1.5%", "每件 NT$20，不論售價", "外套：5%", "有改",
    ):  # fmt: skip
        assert words in html
    asked = {"online": "300000", "in_store": "0", "pieces": "0"}
    assert "NT$10,500" in client.get(url, asked).content.decode()
    part = client.get(url, asked, headers={"HX-Request": "true"}).content.decode()
    assert "NT$10,500" in part
    assert "<html" not in part

    first = clock.next_month(clock.today())
    assert client.post(f"{url}publish/", {"day": "x"}).status_code == 422
    middle = first.replace(day=15)
    assert client.post(f"{url}publish/", {"day": str(middle)}).status_code == 422
    assert client.post(f"{url}publish/", {"day": str(first)}).status_code == 302
    plan = Plan.objects.get(staff=lin)
    assert (plan.read().tiers, plan.starts_on) == ((rules.Tier(200_000, 150),), first)
    listed = client.get("/hq/plans/").content.decode()
    assert "將生效" in listed
    assert "1 級加給" in listed
    assert client.get(url).status_code == 404

    shown = client.get(f"/hq/plans/{plan.pk}/").content.decode()
    assert "停用…" in shown
    after = clock.next_month(first)
    client.post(f"/hq/plans/{plan.pk}/end/", {"day": str(after)})
    plan.refresh_from_db()
    assert plan.ends_on == after


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"online": ""}, "請填數字"),
        ({"online": "101"}, "不能超過 100%"),
        ({"in_store": "2.5"}, "每件金額要是整數"),
        ({"threshold": "-1"}, "不能是負數"),
        ({"tiers-0-above": "100"}, "級距不能低於門檻"),
        ({"tiers-1-above": "200000", "tiers-1-extra": "1"}, "兩個級距的金額相同"),
        ({"specials-0-category": ""}, "請選分類或門市"),
    ],
)
def test_what_makes_no_sense_is_said_and_not_kept(
    as_: As, hq: Staff, draft: PlanDraft, changes: dict[str, str], words: str
) -> None:
    answer = as_(hq).post(f"/hq/plans/drafts/{draft.pk}/", typed(draft, **changes))
    assert answer.status_code == 422
    assert words in answer.content.decode()
    draft.refresh_from_db()
    assert draft.read().threshold == 0


def test_a_draft_is_of_one_person_one_store_or_one_role(
    as_: As, hq: Staff, lin: Staff
) -> None:
    both = {"role": "manager", "store": "", "staff": lin.pk}
    answer = as_(hq).post("/hq/plans/drafts/", both)
    assert answer.status_code == 422
    assert "只能選一項" in answer.content.decode()


def test_a_draft_is_thrown_away(as_: As, hq: Staff, draft: PlanDraft) -> None:
    as_(hq).post(f"/hq/plans/drafts/{draft.pk}/discard/")
    assert not PlanDraft.objects.exists()


def test_the_list_asks_a_fixed_number_of_questions(
    as_: As, hq: Staff, lin: Staff
) -> None:
    client = as_(hq)

    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            client.get("/hq/plans/")
        return len(queries)

    before = cost()
    for person in [make.staff() for _each in range(9)]:
        make.plan(scope=rules.Scope(staff_id=person.pk))
    assert cost() == before
