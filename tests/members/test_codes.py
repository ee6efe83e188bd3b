"""The code behind the QR: signed, revocable, and it survives its owner."""

from __future__ import annotations

from datetime import date

import pytest
from pytest_django import Settings

from apps.core import clock
from apps.core.errors import Refused
from apps.members import services as members
from apps.members.models import BindingCode
from apps.staff import services as staff_services
from apps.staff.models import Posting, Staff
from apps.stores.models import Store
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def zhongshan(db: None) -> Store:
    return make.store("台北中山店")


@pytest.fixture
def yijun(zhongshan: Store) -> Staff:
    return make.staff("林怡君", at=zhongshan)


@pytest.fixture
def code(yijun: Staff, zhongshan: Store) -> BindingCode:
    return members.binding_code(yijun, zhongshan, now=clock.now())


def refusal(token: str) -> str:
    with pytest.raises(Refused) as caught:
        members.read_token(token)
    return caught.value.code


def test_a_slot_has_one_live_code(code: BindingCode) -> None:
    again = members.binding_code(code.staff, code.store, now=clock.now())
    assert again == code


def test_a_token_leads_to_its_code(code: BindingCode) -> None:
    token = members.signed(code)
    assert members.read_token(token) == code
    assert members.read_token(token.lower()) == code


@pytest.mark.parametrize("place", [0, 7, 9, 18])
def test_one_wrong_character_is_a_forgery(code: BindingCode, place: int) -> None:
    token = members.signed(code)
    other = "2" if token[place] != "2" else "3"
    assert refusal(token[:place] + other + token[place + 1 :]) == "forged"


def test_text_that_is_no_token_is_a_forgery(db: None) -> None:
    assert refusal("hello") == "forged"


def test_print_outlives_a_new_secret_key(code: BindingCode, settings: Settings) -> None:
    token = members.signed(code)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another"
    assert members.read_token(token) == code
    settings.SECRET_KEY_FALLBACKS = []
    assert refusal(token) == "forged"


def test_a_revoked_code_says_so(code: BindingCode) -> None:
    members.revoke(code, by=None, now=clock.now())
    members.revoke(code, by=None, now=clock.now())
    assert refusal(members.signed(code)) == "revoked"


def test_a_revoked_code_leads_to_the_new_one_of_its_slot(code: BindingCode) -> None:
    token = members.signed(code)
    members.revoke(code, by=None, now=clock.now())
    fresh = members.binding_code(code.staff, code.store, now=clock.now())
    assert fresh != code
    assert members.read_token(token) == fresh


def test_a_leavers_code_is_inactive(code: BindingCode) -> None:
    staff_services.deactivate(code.staff, by=None, now=clock.now())
    # The last day of work is still one; the account is closed at once.
    assert refusal(members.signed(code)) == "inactive"


def test_a_code_of_a_past_posting_is_inactive(code: BindingCode) -> None:
    Posting.objects.filter(staff=code.staff).update(ends_on=date(2026, 1, 1))
    assert refusal(members.signed(code)) == "inactive"
    with pytest.raises(Refused, match="台北中山店"):
        members.binding_code(code.staff, code.store, now=clock.now())


def test_a_leavers_print_leads_to_the_heir(code: BindingCode, zhongshan: Store) -> None:
    heir = make.staff("王美玲", at=zhongshan)
    theirs = members.binding_code(heir, zhongshan, now=clock.now())
    members.pass_on(code, to=theirs, by=None, now=clock.now())
    staff_services.deactivate(code.staff, by=None, now=clock.now())
    assert members.read_token(members.signed(code)) == theirs


def test_codes_passed_in_a_circle_end_at_nobody(
    code: BindingCode, zhongshan: Store
) -> None:
    heir = make.staff("王美玲", at=zhongshan)
    theirs = members.binding_code(heir, zhongshan, now=clock.now())
    members.pass_on(code, to=theirs, by=None, now=clock.now())
    members.pass_on(theirs, to=code, by=None, now=clock.now())
    assert refusal(members.signed(code)) == "revoked"


def test_the_prefilled_message_carries_the_token(code: BindingCode) -> None:
    text = members.prefilled_text(code)
    token = members.signed(code)
    assert "林怡君" in text
    assert members.token_in_text(text) == token
    assert members.token_in_text(f"嗨嗨 {text.lower()} 想問大衣") == token


def test_a_wrong_token_counts_only_behind_the_mark(code: BindingCode) -> None:
    wrong = "00000000-0000000000"
    assert members.token_in_text(f"綁定碼 #{wrong}") == wrong
    assert members.token_in_text(f"訂單 {wrong} 到了嗎") is None
    assert members.token_in_text("今天有開嗎") is None
