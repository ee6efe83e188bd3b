"""The cast: a store, two salespeople, a manager, HQ, and customers on LINE."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from pytest_django import Settings

from apps.channels.models import Account
from apps.conversations import services
from apps.conversations.models import Conversation, Message
from apps.core import clock
from apps.members import services as members
from apps.members.models import Member
from apps.staff.models import Staff
from apps.stores.models import Store
from tests import make

_numbers = itertools.count(1_000)


@dataclass
class Cast:
    """Who is there."""

    account: Account
    store: Store
    other_store: Store
    lin: Staff  # salesperson at the store
    wu: Staff  # salesperson at the other store
    manager: Staff  # of the store
    service: Staff  # HQ service
    marketing: Staff

    def customer(self, *, of: Staff | None = None, at: Store | None = None) -> Member:
        """Make a customer on LINE, bound to the salesperson if one is given."""
        person = make.member(on=self.account)
        if of is not None:
            make.bound(
                person, of, at or self.store, since=clock.now() - timedelta(days=9)
            )
        return person

    def says(self, person: Member, words: str = "嗨", **facts: Any) -> Message:
        """Let the customer write."""
        identity = members.line_identity(person)
        assert identity is not None
        message = {"id": str(next(_numbers)), "type": "text", "text": words}
        event = {"type": "message", "message": message, "mode": "active", **facts}
        said = services.receive(identity, event, now=clock.now())
        assert said is not None
        return said

    def talk(self, *, of: Staff | None = None) -> Conversation:
        """Return the conversation of a new customer who wrote, with a reply token."""
        said = self.says(self.customer(of=of), replyToken="t" * 32)
        return said.conversation


@pytest.fixture
def cast(db: None, settings: Settings) -> Cast:
    settings.SHOP_URL = "https://shop.example"
    settings.PUBLIC_URL = "https://regulars.example"
    store, other = make.store(), make.store("台中店")
    return Cast(
        account=make.account(),
        store=store,
        other_store=other,
        lin=make.staff("林怡君", at=store),
        wu=make.staff("吳承翰", at=other),
        manager=make.staff("陳店長", at=store, role=Staff.Role.MANAGER),
        service=make.staff("總部客服", role=Staff.Role.SERVICE),
        marketing=make.staff("行銷", role=Staff.Role.MARKETING),
    )
