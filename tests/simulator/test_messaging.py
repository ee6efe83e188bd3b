"""Sending: who is reached, what it costs, and how LINE words its refusals."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from apps.core import clock
from apps.simulator.models import ChatMessage, Friendship, OfficialAccount, Person
from apps.simulator.models import ReplyToken as Token
from apps.simulator.services import people, staging
from tests.simulator.conftest import HELLO, Line

State = Friendship.State


def usage(line: Line) -> int:
    total: int = line("GET", "/v2/bot/message/quota/consumption").json()["totalUsage"]
    return total


def a_reply_token(account: OfficialAccount, person: Person) -> str:
    people.say(account, person, HELLO, now=clock.now())
    return Token.objects.latest("pk").token


def test_a_push_reaches_a_friend_and_costs_one_for_any_number_of_bubbles(
    line: Line, friend: Person
) -> None:
    answer = line.push(friend.user_id, HELLO, HELLO, HELLO)
    assert answer.status_code == 200
    assert len(answer["x-line-request-id"]) == 36
    sent = answer.json()["sentMessages"]
    assert [row["id"] for row in sent] == list(
        ChatMessage.objects.values_list("message_id", flat=True).order_by("pk")
    )
    assert usage(line) == 1


def test_the_same_retry_key_is_answered_409_with_what_was_sent(
    line: Line, friend: Person
) -> None:
    key = uuid.uuid4()
    first = line.push(friend.user_id, key=key)
    again = line.push(friend.user_id, key=key)
    assert again.status_code == 409
    assert again["x-line-accepted-request-id"] == first["x-line-request-id"]
    assert again.json()["sentMessages"] == first.json()["sentMessages"]
    assert ChatMessage.objects.count() == 1
    assert usage(line) == 1


def test_a_retry_key_sends_again_after_a_day(line: Line, friend: Person) -> None:
    key = uuid.uuid4()
    line.push(friend.user_id, key=key)
    staging.age(24 * 3600)
    assert line.push(friend.user_id, key=key).status_code == 200
    assert ChatMessage.objects.count() == 2


def test_a_malformed_retry_key_is_refused(line: Line, friend: Person) -> None:
    header = {"X-Line-Retry-Key": "not-a-uuid"}
    body = {"to": friend.user_id, "messages": [HELLO]}
    answer = line("POST", "/v2/bot/message/push", body, **header)
    assert answer.status_code == 400


def test_the_blocked_and_the_strange_get_nothing_and_cost_nothing(
    line: Line, befriended: Callable[..., Person]
) -> None:
    for state in (State.BLOCKED, State.NONE):
        answer = line.push(befriended(state=state).user_id)
        assert answer.status_code == 200
        assert answer.json()["sentMessages"]
    assert not ChatMessage.objects.exists()
    assert usage(line) == 0


def test_one_who_wrote_within_seven_days_is_reached_without_being_a_friend(
    line: Line, account: OfficialAccount, befriended: Callable[..., Person]
) -> None:
    stranger = befriended(state=State.NONE)
    people.say(account, stranger, HELLO, now=clock.now())
    line.push(stranger.user_id)
    assert ChatMessage.objects.filter(via="push").count() == 1


def test_an_unknown_id_is_refused_on_push_and_passed_over_on_multicast(
    line: Line, friend: Person
) -> None:
    nobody = "U" + "0" * 32
    refused = line.push(nobody)
    assert (refused.status_code, refused.json()["message"]) == (
        400,
        "Failed to send messages",
    )
    body = {"to": [nobody, friend.user_id], "messages": [HELLO]}
    answer = line("POST", "/v2/bot/message/multicast", body)
    assert (answer.status_code, answer.json()) == (200, {})
    assert ChatMessage.objects.get().person == friend


def test_the_quota_counts_people_and_refuses_the_whole_request(
    line: Line, account: OfficialAccount, befriended: Callable[..., Person]
) -> None:
    account.monthly_quota = 3
    account.save()
    ids = [befriended(name=str(n)).user_id for n in range(4)]
    body = {"to": ids, "messages": [HELLO]}
    refused = line("POST", "/v2/bot/message/multicast", body)
    assert refused.status_code == 429
    assert refused.json() == {"message": "You have reached your monthly limit."}
    assert not ChatMessage.objects.exists()
    body["to"] = ids[:3]
    assert line("POST", "/v2/bot/message/multicast", body).status_code == 200
    assert usage(line) == 3
    assert line.push(ids[3]).status_code == 429
    quota = line("GET", "/v2/bot/message/quota").json()
    assert quota == {"type": "limited", "value": 3}


def test_a_reply_token_works_once_and_is_free(
    line: Line, account: OfficialAccount, friend: Person
) -> None:
    token = a_reply_token(account, friend)
    assert line.reply(token).status_code == 200
    again = line.reply(token)
    assert again.status_code == 400
    assert again.json() == {"message": "Invalid reply token"}
    assert usage(line) == 0


def test_a_reply_token_dies_after_a_minute(
    line: Line, account: OfficialAccount, friend: Person
) -> None:
    token = a_reply_token(account, friend)
    staging.age(61)
    assert line.reply(token).json() == {"message": "Invalid reply token"}


def test_a_retry_key_on_a_reply_is_refused_and_leaves_the_token_alive(
    line: Line, account: OfficialAccount, friend: Person
) -> None:
    token = a_reply_token(account, friend)
    headers = {"X-Line-Retry-Key": str(uuid.uuid4())}
    assert line.reply(token, **headers).status_code == 400
    assert line.reply(token).status_code == 200


def test_the_api_wants_a_bearer_token(line: Line, friend: Person) -> None:
    line.account.access_token = "wrong"
    answer = line.push(friend.user_id)
    assert answer.status_code == 401
    assert answer.json()["message"].startswith("Authentication failed")


def test_a_stateless_token_opens_the_api(line: Line, friend: Person) -> None:
    form = {
        "grant_type": "client_credentials",
        "client_id": line.account.channel_id,
        "client_secret": line.account.channel_secret,
    }
    issued = line.client.post("/oauth2/v3/token", form).json()
    assert issued["expires_in"] == 900
    line.account.access_token = issued["access_token"]
    assert line.push(friend.user_id).status_code == 200


def test_a_profile_is_told_of_friends_and_404_of_the_blocked(
    line: Line, befriended: Callable[..., Person]
) -> None:
    friend, gone = befriended("王小明"), befriended("林怡君", State.BLOCKED)
    told = line("GET", f"/v2/bot/profile/{friend.user_id}").json()
    assert (told["displayName"], told["userId"]) == ("王小明", friend.user_id)
    for user_id in (gone.user_id, "U" + "1" * 32):
        answer = line("GET", f"/v2/bot/profile/{user_id}")
        assert (answer.status_code, answer.json()["message"]) == (404, "Not found")


def test_a_rate_limit_answers_429_in_lines_words(line: Line, friend: Person) -> None:
    line.account.rates = {"push": 2}
    line.account.save()
    statuses = [line.push(friend.user_id).status_code for _ in range(4)]
    assert statuses[:2] == [200, 200]
    refused = line.push(friend.user_id)
    assert refused.status_code == 429
    message = "The API rate limit has been exceeded. Try again later."
    assert refused.json()["message"] == message


def test_an_endpoint_that_line_has_not_is_404(line: Line) -> None:
    assert line("GET", "/v2/bot/nothing").status_code == 404
