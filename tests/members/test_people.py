"""Meeting, registering and identifying people; nobody is merged silently."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from pytest_django import DjangoAssertNumQueries

from apps.core import clock
from apps.core.errors import Refused
from apps.members import phones
from apps.members import services as members
from apps.members.models import Consent, Identity, Member
from apps.members.reports import binding_counts
from tests import make

YES = {"terms": True, "marketing": False}


@dataclass
class Profile:
    """What LINE tells."""

    name: str
    picture_url: str = ""


@pytest.mark.parametrize(
    ("raw", "number"),
    [
        ("0912 345 678", "+886912345678"),
        ("0912-345-678", "+886912345678"),
        ("０９１２３４５６７８", "+886912345678"),
        ("+886 912 345 678", "+886912345678"),
        ("886912345678", "+886912345678"),
        ("00886912345678", "+886912345678"),
        ("02-2311-0000", "+886223110000"),
        ("+81 90-1234-5678", "+819012345678"),
    ],
)
def test_phones_have_one_form(raw: str, number: str) -> None:
    assert phones.normal(raw) == number


@pytest.mark.parametrize("raw", ["", "12345", "0912345", "你好", "0912345678 ext 5"])
def test_what_is_no_phone_is_refused(raw: str) -> None:
    with pytest.raises(Refused) as caught:
        phones.normal(raw)
    assert caught.value.code == "phone"


@pytest.mark.django_db
class TestMeeting:
    """People as LINE knows them."""

    def test_a_stranger_becomes_a_lead_once(self) -> None:
        account = make.account()
        first = members.meet_line_user(account, "U1", now=clock.now(), entry="qr")
        again = members.meet_line_user(account, "U1", now=clock.now())
        assert first == again
        assert (first.member.stage, first.member.entry) == ("lead", "qr")

    def test_a_profile_is_kept_up_to_date_and_clean(self) -> None:
        account = make.account()
        members.meet_line_user(account, "U1", now=clock.now())
        met = members.meet_line_user(
            account,
            "U1",
            now=clock.now(),
            profile=Profile("思\x00妤\ud800🌸", "https://p.example/1"),
        )
        met.refresh_from_db()
        assert (met.name, met.member.nickname) == ("思妤🌸", "思妤🌸")
        assert met.picture_url == "https://p.example/1"

    def test_many_are_met_in_few_statements(
        self, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        account = make.account()
        people = {f"U{n}": None for n in range(200)}
        with django_assert_num_queries(6):
            members.meet_line_users(account, people, now=clock.now())
        assert Member.objects.count() == 200

    def test_friendship_is_noted(self) -> None:
        met = members.meet_line_user(make.account(), "U1", now=clock.now())
        members.note_friendship(met, friend=True, now=clock.now())
        assert met.friend == "friend"
        assert met.followed_at is not None
        members.note_friendship(met, friend=False, now=clock.now())
        met.refresh_from_db()
        assert met.friend == "blocked"


@pytest.mark.django_db(transaction=True)
def test_one_stranger_met_at_once_is_one_member() -> None:
    account = make.account()

    def meet(_n: int) -> int:
        try:
            return members.meet_line_user(account, "U1", now=clock.now()).pk
        finally:
            connection.close()

    with ThreadPoolExecutor(12) as pool:
        met = set(pool.map(meet, range(12)))
    assert len(met) == 1
    assert Member.objects.count() == 1


@pytest.mark.django_db
class TestRegistering:
    """Consent and the phone."""

    def register(
        self, member: Member, phone: str = "0912 345 678", **consents: bool
    ) -> Member:
        return members.register(
            member,
            name="",
            phone=phone,
            consents=YES | consents,
            source="login",
            now=clock.now(),
        )

    def test_a_lead_becomes_a_member_with_proof(self) -> None:
        member = self.register(make.member("陳思妤"))
        assert (member.stage, member.phone) == ("registered", "+886912345678")
        assert member.name == "陳思妤"
        rows = {c.purpose: (c.is_granted, c.notice) for c in member.consents.all()}
        assert rows == {
            "terms": (True, members.NOTICE),
            "marketing": (False, members.NOTICE),
        }

    def test_twice_is_once(self) -> None:
        member = self.register(make.member())
        self.register(member)
        assert Consent.objects.count() == 2
        assert Identity.objects.filter(kind="phone").count() == 1

    def test_a_later_yes_is_a_new_row_and_an_empty_box_takes_nothing_back(self) -> None:
        member = self.register(make.member())
        self.register(member, marketing=True)
        self.register(member, marketing=False)
        said = member.consents.filter(purpose="marketing").order_by("pk")
        assert [row.is_granted for row in said] == [False, True]

    def test_without_the_terms_nobody_is_registered(self) -> None:
        with pytest.raises(Refused) as caught:
            self.register(make.member(), terms=False)
        assert caught.value.code == "terms"

    def test_somebody_elses_phone_is_never_taken(self) -> None:
        first = self.register(make.member("陳思妤"))
        second = make.member("王小美")
        with pytest.raises(Refused) as caught:
            self.register(second)
        assert caught.value.code == "phone_taken"
        second.refresh_from_db()
        assert (second.stage, second.phone) == ("lead", "")
        assert members.find_by_phone("0912345678") == first
        assert self.register(second, phone="").stage == "registered"

    def test_consents_are_never_changed(self) -> None:
        self.register(make.member())
        with (
            pytest.raises(DatabaseError),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute("update members_consent set is_granted = true")


@pytest.mark.django_db
class TestIdentifying:
    """Whose order it is."""

    def keys(self, **said: str) -> members.CustomerKeys:
        return members.CustomerKeys(**said)

    def identify(self, *keys: members.CustomerKeys) -> list[int | None]:
        return members.identify_batch(list(keys), now=clock.now())

    def test_line_outranks_phone(self) -> None:
        account = make.account()
        one = make.member(user_id="U1", on=account)
        two = make.member()
        Identity.objects.create(
            member=two, kind="phone", value="+886912345678", created_at=clock.now()
        )
        found = self.identify(
            self.keys(line_user_id="U1", phone="0912345678"),
            self.keys(phone="0912-345-678"),
            self.keys(name="路人"),
            self.keys(phone="not a phone", email="no@one.example"),
        )
        assert found == [one.pk, two.pk, None, None]
        assert Identity.objects.count() == 2

    def test_strangers_who_share_a_key_are_one_lead(self) -> None:
        make.account()
        a, b, c, d = self.identify(
            self.keys(name="陳思妤", phone="0912345678"),
            self.keys(phone="0912345678", email="Si@Yu.example"),
            self.keys(email="si@yu.example"),
            self.keys(line_user_id="U9", email="other@x.example"),
        )
        assert a == b == c
        assert d not in {a, None}
        assert Member.objects.get(phone="+886912345678").pk == a
        assert self.identify(self.keys(email="SI@yu.example")) == [a]

    def test_a_known_member_is_given_no_key(self) -> None:
        one = make.member(user_id="U1", on=make.account())
        self.identify(self.keys(line_user_id="U1", phone="0912345678"))
        assert one.identities.count() == 1

    def test_a_batch_takes_few_statements(
        self, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        make.account()
        batch = [self.keys(phone=f"09{n:08d}") for n in range(500)]
        with django_assert_num_queries(6):
            first = self.identify(*batch)
        assert len(set(first)) == 500
        with django_assert_num_queries(1):
            assert self.identify(*batch) == first


@pytest.mark.django_db
def test_first_bonds_and_rebinds_are_counted_apart() -> None:
    store = make.store()
    one, two = make.staff("林怡君", at=store), make.staff("王美玲", at=store)
    member, now = make.member(), clock.now()
    for minutes, staff in enumerate([one, two, one]):
        members.bind(member, staff, store, source="login",
                     now=now + timedelta(minutes=minutes))  # fmt: skip
    members.bind(make.member(), one, store, source="message", now=now)
    day = clock.day_of(now)
    rows = binding_counts(since=day, until=day + timedelta(days=2))
    found = {(row.staff_id, row.source): (row.customers, row.rebinds) for row in rows}
    assert found == {
        (one.pk, "login"): (1, 1),
        (two.pk, "login"): (0, 1),
        (one.pk, "message"): (1, 0),
    }
    only = binding_counts(since=day, until=day + timedelta(days=2), staff_ids=[two.pk])
    assert [row.staff_id for row in only] == [two.pk]
