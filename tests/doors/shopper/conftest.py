"""A store with two salespeople, and customers who showed who they are."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.http import HttpResponse
from django.test import Client

from apps.channels.models import Account
from apps.core import clock
from apps.members import services as members
from apps.members.models import BindingCode, Member
from apps.shopper import session
from apps.staff.models import Staff
from apps.stores.models import Store
from tests import make
from tests.line_platform import line_platform, line_server

__all__ = ["line_platform", "line_server"]

PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) Mobile Line/14.0"


@pytest.fixture
def line(db: None) -> Account:
    return make.account()


@pytest.fixture
def store(db: None) -> Store:
    return make.store("台北中山店")


@pytest.fixture
def yijun(store: Store) -> Staff:
    return make.staff("林怡君", at=store)


@pytest.fixture
def meiling(store: Store) -> Staff:
    return make.staff("王美玲", at=store)


@pytest.fixture
def code(yijun: Staff, store: Store, line: Account) -> BindingCode:
    return members.binding_code(yijun, store, now=clock.now())


@pytest.fixture
def token(code: BindingCode) -> str:
    return members.signed(code)


@pytest.fixture
def siyu(line: Account) -> Member:
    return make.member("", nickname="思妤", on=line)


@pytest.fixture
def phone() -> Callable[[Member | None], Client]:
    """Return a verb that makes a phone, signed in as the member."""

    def make_phone(member: Member | None = None, via: str = "login") -> Client:
        client = Client(headers={"User-Agent": PHONE})
        if member is not None:
            response = HttpResponse()
            session.remember(response, member, via=via)
            client.cookies["member"] = response.cookies["member"].value
        return client

    return make_phone
