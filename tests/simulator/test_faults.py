"""Faults: before acceptance nothing happened, after it everything did."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest
from django.test import Client

from apps.simulator.access import LOCAL_TOKEN
from apps.simulator.models import ChatMessage, Fault, OfficialAccount, Person
from tests.simulator.conftest import Line

TOKEN = {"Authorization": f"Bearer {LOCAL_TOKEN}"}


def control(method: str, path: str, body: object = None, **headers: str) -> Any:
    return Client().generic(
        method,
        f"/control/{path}",
        json.dumps(body) if body is not None else "",
        content_type="application/json",
        headers={**TOKEN, **headers},
    )


BEFORE = {
    "429": (429, "The API rate limit has been exceeded. Try again later."),
    "429_monthly": (429, "You have reached your monthly limit."),
    "500": (500, "Internal Server Error"),
    "silence": (500, "Internal Server Error"),
}


@pytest.mark.parametrize(("action", "said"), BEFORE.items())
def test_a_fault_before_acceptance_sends_nothing(
    line: Line, friend: Person, action: str, said: tuple[int, str]
) -> None:
    order = {"endpoint": "push", "action": action, "next": 1, "seconds": 0}
    assert control("POST", "faults", order).status_code == 200
    key = uuid.uuid4()
    answer = line.push(friend.user_id, key=key)
    assert (answer.status_code, answer.json()["message"]) == said
    assert not ChatMessage.objects.exists()
    assert line.push(friend.user_id, key=key).status_code == 200


@pytest.mark.parametrize("action", ["500_after", "silence_after"])
def test_a_fault_after_acceptance_has_sent_and_the_key_tells(
    line: Line, friend: Person, action: str
) -> None:
    Fault.objects.create(endpoint="push", action=action, remaining=1, seconds=0)
    key = uuid.uuid4()
    assert line.push(friend.user_id, key=key).status_code == 500
    assert ChatMessage.objects.count() == 1
    assert line.push(friend.user_id, key=key).status_code == 409
    assert ChatMessage.objects.count() == 1


def test_a_fault_of_one_endpoint_leaves_the_others_alone(
    line: Line, friend: Person
) -> None:
    Fault.objects.create(endpoint="multicast", action="500")
    assert line.push(friend.user_id).status_code == 200


def test_a_probability_of_none_never_strikes(line: Line, friend: Person) -> None:
    Fault.objects.create(action="500", per_mille=0)
    assert line.push(friend.user_id).status_code == 200


def test_faults_are_listed_and_called_off(db: None) -> None:
    control("POST", "faults", {"faults": [{"action": "500"}, {"action": "429"}]})
    assert len(control("GET", "faults").json()["faults"]) == 2
    assert control("DELETE", "faults").json() == {"faults": []}


def test_control_is_for_this_machine_and_its_token(db: None) -> None:
    assert control("GET", "faults", Authorization="Bearer no").status_code == 401
    elsewhere = Client(REMOTE_ADDR="10.0.0.7").get("/control/faults", headers=TOKEN)
    assert elsewhere.status_code == 403


def test_a_nonsense_order_is_refused(db: None) -> None:
    assert control("POST", "faults", {"action": "explode"}).status_code == 400
    assert control("POST", "faults", {"action": "500", "x": 1}).status_code == 400


def test_control_makes_an_account_and_keeps_what_is_not_given(db: None) -> None:
    made = control("PUT", "accounts/main", {"name": "晴川衣著"}).json()
    moved = {"webhook_url": "http://127.0.0.1:8000/webhooks/line/main/"}
    again = control("PUT", "accounts/main", moved).json()
    assert again == made | moved
    assert OfficialAccount.objects.count() == 1
    assert control("PUT", "accounts/main", {"colour": 1}).status_code == 400


def test_control_makes_people_and_lets_them_act(account: OfficialAccount) -> None:
    user_id = "U" + "a" * 32
    facts = {"name": "陳思妤", "friends": {"main": "friend"}}
    made = control("PUT", f"people/{user_id}", facts).json()
    assert made["friends"] == {"main": "friend"}
    message = {"type": "text", "text": "您好"}
    act = {"account": "main", "act": "say", "message": message}
    assert control("POST", f"people/{user_id}/acts", act).status_code == 200
    told = control("GET", f"people/{user_id}/messages").json()["messages"]
    assert [(row["from_user"], row["message"]) for row in told] == [(True, message)]
    states = control("GET", "webhooks").json()["states"]
    assert states == {"dropped": 1}


def test_history_is_written_and_told_to_nobody(
    account: OfficialAccount, friend: Person
) -> None:
    row = {
        "user_id": friend.user_id,
        "at": "2026-11-01T10:00:00+08:00",
        "message": {"type": "text", "text": "上個月"},
        "via": "push",
    }
    body = {"account": "main", "messages": [row]}
    assert control("POST", "history", body).json() == {"messages": 1}
    assert control("GET", "webhooks").json()["events"] == []
