"""HQ's own questions and the serving salesperson, through the API and files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from apps.imports.models import Remark
from apps.members.models import AttributeValue, Binding, Member
from apps.members.reports import answers_by_key
from tests import make
from tests.doors.gateway.conftest import Call
from tests.members.attributes import asked

pytestmark = pytest.mark.django_db
ROW = {"external_id": "r1", "name": "陳思妤", "phone": "0912345678"}


def send(call: Call, **facts: Any) -> dict[str, Any]:
    answer = call("POST", "members", {"members": [ROW | facts]})
    assert answer.status_code == 200, answer.content
    told: dict[str, Any] = answer.json()["results"][0]
    return told


def test_answers_come_in_and_are_looked_up(call: Call) -> None:
    for kind in ("number", "date", "yes_no", "choices"):
        asked(kind, kind)
    said = {
        "number": 163.5, "date": "2020-10-20", "yes_no": True,
        "choices": ["簡約", "通勤"],
    }  # fmt: skip
    assert send(call, attributes=said)["status"] == "new"
    assert send(call, attributes=said)["status"] == "unchanged"
    found = call("GET", "members/lookup?phone=0912345678").json()["attributes"]
    assert found | {"choices": set(found["choices"])} == said | {
        "choices": {"簡約", "通勤"}
    }
    assert send(call, attributes={"number": None})["status"] == "changed"
    assert AttributeValue.objects.count() == 3


@pytest.mark.parametrize(
    ("key", "value", "code"),
    [
        ("number", "tall", "attr_number"),
        ("number", [1, 2], "attr_one"),
        ("choices", ["復古"], "attr_choice"),
        ("nothing", "x", "attr_unknown"),
    ],
)
def test_a_wrong_answer_names_its_field(
    call: Call, key: str, value: Any, code: str
) -> None:
    for kind in ("number", "choices"):
        asked(kind, kind)
    told = send(call, attributes={key: value})
    assert (told["status"], told["field"], told["code"]) == (
        "rejected", f"attr:{key}", code
    )  # fmt: skip
    assert told["why"]
    assert not Member.objects.exists()


def test_a_registration_that_names_a_salesperson_binds_to_them(call: Call) -> None:
    store = make.store(code="s01")
    lin, other = (make.staff(code=code, at=store) for code in ("lin", "chen"))
    place = {"store_code": "s01", "staff_code": "lin"}
    assert send(call, **place)["status"] == "new"
    bond = Binding.objects.get()
    assert (bond.staff, bond.store, bond.member.home_store) == (lin, store, store)
    told = send(call, **place | {"staff_code": "chen"})
    assert told["code"] == "bound"
    assert not Binding.objects.filter(staff=other).exists()


def test_a_file_brings_answers_and_names_what_is_wrong(tmp_path: Path) -> None:
    asked("height", "number", name="身高")
    asked("style", "choices", name="風格")
    file = tmp_path / "members.csv"
    file.write_text(
        "姓名,手機,身高,attr:style\n"
        "陳思妤,0912345678,163.5,簡約、通勤\n"
        "王小美,0912345679,高,\n"
        "林大同,0912345670,170,\n"
    )
    call_command("import_members", file)
    assert Member.objects.count() == 2
    assert answers_by_key(Member.objects.get(name="陳思妤"))["height"] == 163.5
    remark = Remark.objects.get()
    assert (remark.number, remark.field) == (3, "attr:height")
    assert "「高」要是數字" in remark.why
