"""Members through the API: sent, looked up, linked to an id of another system."""

from __future__ import annotations

from typing import Any

import pytest

from apps.members import services as members
from apps.members.models import Consent, Identity, Member
from tests import make
from tests.doors.gateway.conftest import Call

pytestmark = pytest.mark.django_db


def row(**facts: Any) -> dict[str, Any]:
    return {
        "external_id": "r1", "name": "陳思妤", "phone": "0912-345-678",
        "shop_id": "c-1", "birthday": "1990-05-06", "gender": "female", **facts,
    }  # fmt: skip


def send(call: Call, *rows: dict[str, Any]) -> list[dict[str, Any]]:
    answer = call("POST", "members", {"system": "shop", "members": list(rows)})
    assert answer.status_code == 200, answer.content
    told: list[dict[str, Any]] = answer.json()["results"]
    return told


def test_members_come_in_and_the_same_again_changes_nothing(call: Call) -> None:
    wish = row(marketing={"line": True})
    (new,) = send(call, wish)
    (same,) = send(call, wish)
    (other,) = send(call, row(birthday="1990-05-07"))

    statuses = [each["status"] for each in (new, same, other)]
    assert statuses == ["new", "unchanged", "changed"]
    assert same["matched_by"] == "phone"
    assert new["number"] == Member.objects.get().number
    assert Consent.objects.get().is_granted


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"phone": "12"}, "phone"),
        ({"birthday": "2999-01-01"}, "birthday"),
        ({"birthday": "82/1/1"}, "birthday"),
        ({"store_code": "nowhere"}, "store_code"),
        ({"shop_id": "a\u0000b"}, "shop_id"),
        ({"marketing": {"fax": True}}, "marketing.fax.[key]"),
    ],
)
def test_a_bad_member_names_the_field_and_keeps_no_other_out(
    call: Call, facts: dict[str, Any], field: str
) -> None:
    bad, good = send(call, row(**facts), row(phone="0922111222", shop_id="c-2"))

    assert (bad["status"], bad["field"]) == ("rejected", field)
    assert bad["why"]
    assert good["status"] == "new"
    assert Member.objects.count() == 1


@pytest.mark.parametrize(
    "query",
    [
        "phone=0912345678",
        "phone=%2B886912345678",
        "shop_id=c-1&system=shop",
        "card=ab-1",
        "email=A@b.tw",
    ],
)
def test_a_member_is_looked_up_by_any_key_and_masked(call: Call, query: str) -> None:
    send(call, row(card="AB1", email="a@b.tw"))

    told = call("GET", f"members/lookup?{query}").json()

    assert told["number"] == Member.objects.get().number
    assert (told["name"], told["phone"]) == ("陳*妤", "0912-***-678")
    kinds = {key["kind"]: key["value"] for key in told["identities"]}
    assert kinds["shop"] == "c-1"
    assert "912345678" not in str(told)
    assert "a@b.tw" not in str(told)


def test_nobody_is_found_by_a_strange_key(call: Call) -> None:
    send(call, row())
    assert call("GET", "members/lookup").status_code == 422
    assert call("GET", "members/lookup?shop_id=c-1").status_code == 404
    assert call("GET", "members/lookup?phone=abc").status_code == 404
    assert call("GET", "members/lookup?number=1").status_code == 404


def test_an_id_is_linked_once_and_never_taken_over(call: Call) -> None:
    siyu, other = make.member(), make.member("林小姐")
    key = {"kind": "shop", "value": "c-9", "system": "shop"}

    first = call("POST", f"members/{siyu.number}/identities", key)
    again = call("POST", f"members/{siyu.number}/identities", key)
    taken = call("POST", f"members/{other.number}/identities", key)

    assert first.json() == again.json()
    assert first.json()["number"] == siyu.number
    assert members.find_by_key("shop", "c-9", system="shop") == siyu
    assert (taken.status_code, taken.json()["code"]) == (422, "key_taken")
    assert Identity.objects.count() == 1


@pytest.mark.parametrize(
    ("key", "status"),
    [
        ({"kind": "shop", "value": "c"}, 422),
        ({"kind": "card", "value": "c", "system": "shop"}, 422),
        ({"kind": "phone", "value": "12"}, 422),
        ({"kind": "card", "value": " - "}, 422),
        ({"kind": "line", "value": "U1"}, 422),
        ({"kind": "phone", "value": "0912 345 678"}, 200),
    ],
)
def test_a_key_must_be_one_of_its_kind(
    call: Call, key: dict[str, str], status: int
) -> None:
    siyu = make.member()
    answer = call("POST", f"members/{siyu.number}/identities", key)
    assert answer.status_code == status
    assert call("POST", "members/404/identities", key).status_code in (404, 422)
