"""One-time codes: few tries, a few minutes, once; and what a proven number brings."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connections

from apps.core.errors import Refused
from apps.members import services as members
from apps.members.models import Conflict, Member, OneTimeCode
from apps.members.models.code import MOST_TRIES
from apps.members.services import Claim, MemberIn
from tests import make

NOW = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
PHONE = "+886912345678"
MINUTE = timedelta(minutes=1)
ROUNDS = 20  # a race may not come about at once, on a busy machine

pytestmark = pytest.mark.django_db


def made(*, now: datetime = NOW, phone: str = PHONE, by: str = "member:1") -> str:
    return members.make_code(phone, purpose="phone", asked_by=by, now=now).digits


def confirm(digits: str, *, now: datetime = NOW, phone: str = PHONE) -> str:
    try:
        members.confirm_code(phone, digits, purpose="phone", now=now)
    except Refused as refused:
        return refused.code
    return "ok"


def wrong(digits: str) -> str:
    return f"{(int(digits) + 1) % 10**6:06}"


def test_a_code_is_good_once() -> None:
    digits = made()

    assert len(digits) == 6
    assert [confirm(f" {digits[:3]} {digits[3:]} "), confirm(digits)] == [
        "ok",
        "code_none",
    ]


def test_a_code_is_not_kept() -> None:
    digits = made()

    assert digits not in str(OneTimeCode.objects.values().get())


@pytest.mark.parametrize(
    ("after", "answer"),
    [
        (timedelta(minutes=5) - timedelta(microseconds=1), "ok"),
        (timedelta(minutes=5), "code_none"),
    ],
)
def test_a_code_lives_five_minutes(after: timedelta, answer: str) -> None:
    assert confirm(made(), now=NOW + after) == answer


def test_five_wrong_tries_spend_it() -> None:
    digits = made()

    tries = [confirm(wrong(digits)) for _try in range(6)]

    assert tries == ["code_wrong"] * 5 + ["code_spent"]
    assert confirm(digits) == "code_spent"


def test_a_code_is_for_its_number_and_purpose() -> None:
    digits = made()

    assert confirm(digits, phone="+886987654321") == "code_none"
    with pytest.raises(Refused):
        members.confirm_code(PHONE, digits, purpose="other", now=NOW)


def test_a_new_code_ends_the_old_one() -> None:
    old = made()
    new = made(now=NOW + MINUTE)

    assert confirm(new, now=NOW + MINUTE) == "ok"
    assert confirm(old, now=NOW + MINUTE) == "code_none"


def test_codes_are_a_minute_apart_and_five_an_hour() -> None:
    made()
    with pytest.raises(Refused, match="59 秒") as soon:
        made(now=NOW + timedelta(seconds=1))
    for minute in range(1, 5):
        made(now=NOW + minute * MINUTE)
    with pytest.raises(Refused) as often:
        made(now=NOW + 6 * MINUTE)

    assert (soon.value.code, often.value.code) == ("code_soon", "code_often")
    assert made(now=NOW + 61 * MINUTE)


def test_nobody_has_codes_sent_to_the_whole_town() -> None:
    for line in range(5):
        made(phone=f"+88691234567{line}")

    with pytest.raises(Refused) as often:
        made(phone="+886912345679")

    assert often.value.code == "code_often"
    assert made(phone="+886912345679", by="member:2")


def test_old_codes_are_forgotten() -> None:
    made()

    assert members.forget_codes(now=NOW + timedelta(days=1)) == 0
    assert members.forget_codes(now=NOW + timedelta(days=3)) == 1


def _guess(digits: str, phone: str = PHONE) -> str:
    try:
        return confirm(digits, phone=phone)
    finally:
        connections.close_all()


@pytest.mark.django_db(transaction=True)
def test_sixteen_guessers_have_five_tries_between_them() -> None:
    digits = made()
    guesses = [f"{(int(digits) + step) % 10**6:06}" for step in range(1, 33)]

    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(_guess, guesses))

    assert sorted(answers) == ["code_spent"] * 27 + ["code_wrong"] * 5


@pytest.mark.django_db(transaction=True)
def test_without_the_row_lock_they_would_have_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The twin: read without the lock, tries are lost from the count."""
    queryset = type(OneTimeCode.objects.all())
    monkeypatch.setattr(queryset, "select_for_update", lambda self: self)

    def wrong_tries(line: int) -> int:
        phone = f"+8869123456{line:02}"
        digits = made(phone=phone, by=f"member:{line}")
        guesses = [f"{(int(digits) + step) % 10**6:06}" for step in range(1, 65)]
        with ThreadPoolExecutor(16) as pool:
            return list(pool.map(_guess, guesses, [phone] * 64)).count("code_wrong")

    assert any(wrong_tries(line) > MOST_TRIES for line in range(ROUNDS))


def test_a_number_that_nobody_has_is_added() -> None:
    lead = make.member(user_id="U1")

    claimed = members.claim_phone(lead, PHONE, now=NOW)

    assert (claimed.kind, claimed.member.phone) == (Claim.ADDED, PHONE)
    assert members.claim_phone(lead, PHONE, now=NOW).kind == Claim.ALREADY


def test_the_stores_record_and_the_one_of_line_become_one() -> None:
    members.upsert([MemberIn(name="林小美", phone=PHONE, card="A1")], now=NOW)
    known = Member.objects.get(phone=PHONE)
    lead = make.member("小美", user_id="U1")

    claimed = members.claim_phone(lead, PHONE, now=NOW)

    assert (claimed.kind, claimed.member) == (Claim.JOINED, known)
    assert known.identities.filter(kind="line", value="U1").exists()
    lead.refresh_from_db()
    assert lead.merged_into == known


def test_a_number_with_a_line_of_its_own_goes_to_the_review_list() -> None:
    owner = make.member("甲", user_id="U1")
    members.claim_phone(owner, PHONE, now=NOW)
    other = make.member("乙", user_id="U2")

    with pytest.raises(Refused) as refused:
        members.claim_phone(other, PHONE, now=NOW)
    members.note_elsewhere(other, PHONE, now=NOW)

    assert refused.value.code == "phone_elsewhere"
    assert Conflict.objects.get().second == other
