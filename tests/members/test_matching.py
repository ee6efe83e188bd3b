"""Which key said whose row it is, and what becomes of keys that disagree."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pytest_django import DjangoAssertNumQueries

from apps.core import clock
from apps.core.errors import Refused
from apps.members import services as members
from apps.members.models import Conflict, Identity, Member
from apps.orders import services as orders
from apps.orders.models import Order
from tests import make

pytestmark = pytest.mark.django_db


def known(kind: str, value: str, *, system: str = "") -> Member:
    """Make a member who is known by the key."""
    person = make.member(f"{kind} {value}")
    members.link_key(person, kind, value, system=system, by=None, now=clock.now())
    return person


def match(**said: str) -> members.Match:
    return members.match_batch([members.CustomerKeys(**said)], now=clock.now())[0]


def test_the_rank_decides_and_is_told() -> None:
    line = make.member(user_id="U1", on=make.account())
    people = {
        "line": line,
        "phone": known("phone", "+886912345678"),
        "card": known("card", "AB1234"),
        "shop": known("shop", "77", system="tw"),
        "app": known("app", "a-1", system="tw"),
        "pos": known("pos", "P9", system="tw"),
        "email": known("email", "siyu@x.example"),
    }
    said = {
        "line_user_id": "U1", "phone": "0912345678", "card": "ab-12 34",
        "shop_id": "77", "app_id": "a-1", "pos_id": "P9", "email": "SiYu@x.example",
        "system": "tw",
    }  # fmt: skip

    for (kind, person), name in zip(people.items(), list(said), strict=False):
        found = match(**said)
        assert (found.member_id, found.kind, found.is_new) == (person.pk, kind, False)
        del said[name]


def test_ids_of_two_shops_do_not_collide() -> None:
    one = known("shop", "77", system="tw")
    other = match(shop_id="77", system="jp", name="山田")

    assert other.member_id != one.pk
    assert (other.kind, other.is_new) == ("shop", True)
    assert match(shop_id="77", system="tw").member_id == one.pk
    assert match(shop_id="77").member_id is None  # nobody says of which shop


def test_keys_that_disagree_go_to_the_review_list_once() -> None:
    phone, card = known("phone", "+886912345678"), known("card", "C1")

    for number in ("A-1", "A-2"):
        found = match(phone="0912345678", card="C1", reference=number)
        assert (found.member_id, found.others) == (phone.pk, (card.pk,))
    conflict = Conflict.objects.get()
    assert (conflict.first_id, conflict.second_id) == (phone.pk, card.pk)
    assert (conflict.first_kinds, conflict.second_kinds) == ("phone", "card")
    assert (conflict.times, conflict.reference, conflict.state) == (2, "A-1", "open")
    assert Member.objects.people().count() == 2
    assert Identity.objects.get(kind="card").member == card


def test_a_pair_found_to_be_two_people_is_not_asked_about_again() -> None:
    known("phone", "+886912345678")
    known("card", "C1")
    match(phone="0912345678", card="C1")
    hq = make.staff("許雅筑", role="admin")
    members.keep_apart(Conflict.objects.get(), by=hq, now=clock.now())

    match(phone="0912345678", card="C1")

    assert Conflict.objects.get().state == "apart"
    assert Conflict.objects.get().times == 1


def test_registering_with_somebody_elses_phone_is_kept_for_review() -> None:
    owner = known("phone", "+886912345678")
    lead = make.member(user_id="U5", on=make.account())

    with pytest.raises(Refused, match="這支手機已經有會員資料"):
        members.register(
            lead, name="陳思妤", phone="0912345678", consents={"terms": True},
            source="login", now=clock.now(),
        )  # fmt: skip

    conflict = Conflict.objects.get()
    assert {conflict.first, conflict.second} == {owner, lead}
    assert conflict.source == "registration"


def test_a_key_is_linked_once_and_never_taken_over() -> None:
    owner, other = known("shop", "77", system="tw"), make.member()

    members.link_key(owner, "shop", "77", system="tw", by=None, now=clock.now())
    with pytest.raises(Refused) as caught:
        members.link_key(other, "shop", "77", system="tw", by=None, now=clock.now())

    assert caught.value.code == "key_taken"
    assert members.find_by_key("shop", "77", system="tw") == owner


def test_conflicts_of_a_batch_take_one_statement(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    make.account()
    batch = []
    for number in range(50):
        known("phone", f"+8869120000{number:02d}")
        known("card", f"C{number}")
        batch.append(
            members.CustomerKeys(phone=f"09120000{number:02d}", card=f"C{number}")
        )
    with django_assert_num_queries(2):
        members.match_batch(batch, now=clock.now())
    assert Conflict.objects.count() == 50


def test_an_order_keeps_by_which_key_its_customer_was_known() -> None:
    phone, card = known("phone", "+886912345678"), known("card", "C1")
    told = orders.CustomerIn(phone="0912345678", card="C1")

    orders.record([make.order_in("A-1", customer=told)], now=clock.now())

    order = Order.objects.get()
    assert (order.member, order.matched_by) == (phone, "phone")
    conflict = Conflict.objects.get()
    assert (conflict.second, conflict.reference) == (card, "A-1")


def test_a_version_that_names_nobody_stays_with_the_person_through_a_merge() -> None:
    one, two = make.member("甲"), known("card", "C1")
    first = make.order_in("A-1", customer=orders.CustomerIn(card="C1"))
    orders.record([first], now=clock.now())
    members.merge(one, two, by=None, now=clock.now())

    orders.record(
        [replace(first, customer=orders.CustomerIn(), shipping=80)], now=clock.now()
    )

    order = Order.objects.get()
    assert (order.member, order.matched_by, order.shipping) == (one, "card", 80)
