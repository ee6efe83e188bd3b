"""HQ's page of its own questions, and the answers on a member's page."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from apps.members.models import Attribute, AttributeValue, Member
from apps.staff.models import Staff
from tests import make
from tests.members.attributes import asked

pytestmark = pytest.mark.django_db
As = Callable[[Staff], Client]
FORM = {
    "name": "喜歡的風格", "key": "style", "kind": "choices", "choices": "簡約\n通勤",
    "shown_to": ["salesperson", "customer"], "edited_by": ["customer"],
    "is_required": "on",
}  # fmt: skip


def test_a_question_is_declared_changed_moved_and_archived(as_: As, hq: Staff) -> None:
    client = as_(hq)
    assert "還沒有會員欄位" in client.get("/hq/attributes/").content.decode()
    assert client.post("/hq/attributes/new/", FORM).status_code == 302
    row = Attribute.objects.get()
    assert list(row.choices.values_list("label", flat=True)) == ["簡約", "通勤"]
    url = f"/hq/attributes/{row.pk}/"
    assert "簡約\n通勤" in client.get(url).content.decode()
    changed = FORM | {"key": "other", "name": "風格", "choices": "通勤\n復古"}
    assert client.post(url, changed).status_code == 302
    row.refresh_from_db()
    assert (row.key, row.name) == ("style", "風格")
    shown = client.get("/hq/attributes/").content.decode()
    assert "通勤、復古" in shown.replace("\n", "")
    for act in ("up", "down", "archive"):
        assert client.post(f"{url}move/", {"act": act}).status_code == 302
    assert "已封存" in client.get("/hq/attributes/").content.decode()
    client.post(f"{url}move/", {"act": "restore"})
    row.refresh_from_db()
    assert row.archived_at is None
    assert client.post(f"{url}move/", {"act": "fly"}).status_code == 422


@pytest.mark.parametrize(
    ("facts", "told"),
    [
        ({"key": "Style!"}, "代號用小寫英文開頭"),
        ({"choices": ""}, "單選和複選要有選項"),
        ({"edited_by": []}, "要讓顧客本人可以改"),
        ({"name": ""}, "name"),
    ],
)
def test_what_makes_no_sense_is_said_at_its_field(
    as_: As, hq: Staff, facts: dict[str, object], told: str
) -> None:
    answer = as_(hq).post("/hq/attributes/new/", FORM | facts)
    assert answer.status_code == 422
    assert told in answer.content.decode()
    assert not Attribute.objects.exists()


def test_the_list_takes_as_many_queries_for_many(
    as_: As, hq: Staff, django_assert_max_num_queries: Callable[..., object]
) -> None:
    for n in range(12):
        asked(f"q{n}", "choice" if n % 2 else "text")
    client = as_(hq)
    with django_assert_max_num_queries(8):  # type: ignore[attr-defined]
        client.get("/hq/attributes/")


def test_hq_answers_on_the_members_page(as_: As, hq: Staff, siyu: Member) -> None:
    asked("height", "number", name="身高", unit="cm")
    asked("style", "choices", name="風格")
    client, url = as_(hq), f"/hq/members/{siyu.pk}/attributes/"
    page = f"/hq/members/{siyu.pk}/"
    said = {"attr-height": "163.0", "attr-style": ["", "簡約", "通勤"]}
    assert client.post(url, said).status_code == 302
    shown = client.get(page).content.decode()
    assert "163 cm" in shown
    assert "簡約、通勤" in shown
    answer = client.post(url, {"attr-height": "高"})
    assert answer.status_code == 422
    assert "「身高」要是數字" in answer.content.decode()
    client.post(url, {"attr-style": ""})
    assert AttributeValue.objects.get().attribute.key == "height"
    finance = make.staff("會計", role="finance")
    assert as_(finance).post(url, said).status_code == 403


def test_a_salesperson_sees_and_edits_what_they_may(
    as_: As, lin: Staff, siyu: Member
) -> None:
    asked("height", "number", name="身高")
    asked("secret", name="總部秘密", shown_to=(), edited_by=())
    asked("told", name="只能看", edited_by=())
    client, page = as_(lin), f"/helper/customers/{siyu.pk}/"
    said = {"attr-height": "163", "attr-secret": "x", "attr-told": "x"}
    assert client.post(f"{page}attributes/", said).status_code == 302
    assert AttributeValue.objects.get().set_by == lin
    shown = client.get(page).content.decode()
    assert "身高" in shown
    assert "只能看" in shown
    assert "總部秘密" not in shown
    stranger = make.member("別家客")
    url = f"/helper/customers/{stranger.pk}/attributes/"
    assert client.post(url, said).status_code == 404
