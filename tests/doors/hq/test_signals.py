"""HQ's signals: told with their facts, looked at with a note, accusing nobody."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from apps.core import clock
from apps.members.models import Member
from apps.reports.models import SignalReview
from apps.staff.models import Staff
from apps.stores.models import Store
from tests import make
from tests.doors.sales import bought

pytestmark = pytest.mark.django_db

As = Callable[[Staff], Client]
PAGE, REVIEW = "/hq/reports/signals/", "/hq/reports/signals/review/"


@pytest.fixture
def own(lin: Staff, store: Store, siyu: Member) -> str:
    """Let Lin buy as the member bound to herself; return the order's number."""
    Staff.objects.filter(pk=lin.pk).update(phone="+886912345678")
    Member.objects.filter(pk=siyu.pk).update(phone="+886912345678")
    siyu.refresh_from_db()
    return bought(siyu, 3_280, placed_at=clock.now()).external_id


def test_a_signal_tells_its_facts_and_leads_to_the_order(
    as_: As, hq: Staff, own: str
) -> None:
    html = as_(hq).get(PAGE).content.decode()
    assert "店員本人的訂單" in html
    assert own in html
    assert "列在這裡不代表有人做錯事" in html
    assert "/hq/credits/" in html


def test_it_is_looked_at_with_a_note(as_: As, hq: Staff, lin: Staff, own: str) -> None:
    client = as_(hq)
    facts = {"kind": "self_orders", "subject": lin.pk}
    silent = client.post(REVIEW, {**facts, "note": ""})
    assert silent.status_code == 422
    client.post(REVIEW, {**facts, "note": "員工購，店長知道"})
    assert SignalReview.objects.get().by == hq
    assert own not in client.get(PAGE).content.decode()
    seen = client.get(f"{PAGE}?seen=1").content.decode()
    assert own in seen
    assert "員工購，店長知道" in seen
    assert client.post(REVIEW, {"kind": "self_orders"}).status_code == 404


def test_who_may_look(as_: As, lin: Staff, own: str) -> None:
    for role in (Staff.Role.MARKETING, Staff.Role.SERVICE):
        assert as_(make.staff("別人", role=role)).get(PAGE).status_code == 403
    assert as_(lin).get(PAGE).status_code == 403


def test_nothing_to_look_at_says_so(as_: As, hq: Staff) -> None:
    assert "沒有要看的訊號" in as_(hq).get(PAGE).content.decode()
