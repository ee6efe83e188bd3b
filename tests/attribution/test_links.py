"""Tracked links and the shop's snippet: who came, by whose link, to which product."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import pytest
from pytest_django import Settings

from apps.attribution import services as attribution
from apps.attribution.models import Click, PageView, PromoLink, Touch
from apps.core import clock
from apps.core.errors import Refused
from apps.staff.models import Staff
from tests import make

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 20, 21, 12, tzinfo=clock.TAIPEI)
EVENT = UUID("0b0f4b5e-0000-4000-8000-000000000001")


@pytest.fixture(autouse=True)
def _shop(settings: Settings) -> None:
    settings.SHOP_URL = "http://127.0.0.1:8011"
    settings.PUBLIC_URL = "https://regulars.example"
    settings.LINK_HOSTS = ["shop.example"]


@pytest.fixture
def lin(db: None) -> Staff:
    return make.staff("林怡君", at=make.store())


@pytest.fixture
def link(lin: Staff) -> PromoLink:
    return attribution.make_link(
        lin, None, member=make.member(), product=make.product(), now=NOW
    )


def test_a_link_leads_to_the_product_with_its_reference(link: PromoLink) -> None:
    assert link.url == f"https://regulars.example/l/{link.code}"
    target = attribution.follow_link(link.code, visitor="v", now=NOW)
    page, query = target.split("?")
    assert page == "http://127.0.0.1:8011/products/coat-01"
    assert query == f"rg={link.code}&utm_source=line&utm_medium=staff"


def test_opening_a_link_is_a_click_and_a_touch(link: PromoLink, lin: Staff) -> None:
    attribution.follow_link(link.code, visitor="v", now=NOW)
    click, touch = Click.objects.get(), Touch.objects.get()
    assert (touch.kind, touch.staff, touch.member) == ("link_click", lin, link.member)
    assert (touch.evidence_type, touch.evidence_id) == ("click", str(click.pk))
    assert (touch.product, touch.at) == (link.product, NOW)


def test_a_link_to_nobody_counts_clicks_alone(lin: Staff) -> None:
    link = attribution.make_link(lin, None, member=None, product=None, now=NOW)
    attribution.follow_link(link.code, visitor="v", now=NOW)
    assert (Click.objects.count(), Touch.objects.count()) == (1, 0)


def test_links_that_lead_nowhere_are_refused(link: PromoLink) -> None:
    PromoLink.objects.filter(pk=link.pk).update(expires_at=NOW)
    for code, refusal in [("nothing", "link_unknown"), (link.code, "link_expired")]:
        with pytest.raises(Refused) as refused:
            attribution.follow_link(code, visitor="v", now=NOW)
        assert refused.value.code == refusal
    assert not Click.objects.exists()


@pytest.mark.parametrize(
    ("target", "is_ours"),
    [
        ("https://shop.example/sale?a=1", True),
        ("http://127.0.0.1:8011/sale", True),
        ("http://shop.example/sale", False),
        ("https://shop.example.evil.test/", False),
        ("https://evil.test/?https://shop.example", False),
        ("https://shop.example@evil.test/", False),
        ("javascript:alert(1)", False),
        ("//shop.example/", False),
    ],
)
def test_a_link_stays_with_the_shop(lin: Staff, target: str, *, is_ours: bool) -> None:
    facts = {"member": None, "product": None, "now": NOW, "target": target}
    if is_ours:
        link = attribution.make_link(lin, None, **facts)  # type: ignore[arg-type]
        assert link.target_url.startswith(target.split("?")[0])
        return
    with pytest.raises(Refused) as refused:
        attribution.make_link(lin, None, **facts)  # type: ignore[arg-type]
    assert refused.value.code == "link_target"


def test_a_link_whose_host_was_taken_off_the_list_is_refused(
    lin: Staff, settings: Settings
) -> None:
    link = attribution.make_link(
        lin, None, member=None, product=None, now=NOW, target="https://shop.example/a"
    )
    settings.LINK_HOSTS = []
    with pytest.raises(Refused) as refused:
        attribution.follow_link(link.code, visitor="v", now=NOW)
    assert refused.value.code == "link_target"


def seen(event: UUID = EVENT, reference: str = "", **changes: str) -> PageView:
    """Note a page that was looked at."""
    facts = {"visitor": "v", "path": "/x", "product_code": "", **changes}
    attribution.note_view(
        event, facts["visitor"], facts["path"], facts["product_code"], reference,
        now=NOW,
    )  # fmt: skip
    return PageView.objects.get(event_id=event)


def test_a_view_is_the_members_whose_link_it_came_by(link: PromoLink) -> None:
    view = seen(reference=link.code, product_code="coat-01")
    assert (view.member, view.product) == (link.member, link.product)


def test_a_visitor_stays_who_they_were(link: PromoLink) -> None:
    seen(reference=link.code)
    later = UUID("0b0f4b5e-0000-4000-8000-000000000002")
    assert seen(later).member == link.member
    stranger = UUID("0b0f4b5e-0000-4000-8000-000000000003")
    assert seen(stranger, visitor="w").member is None


def test_a_product_is_known_by_its_page(link: PromoLink) -> None:
    assert link.product is not None
    link.product.path = "/coats/wool"
    link.product.save()
    assert seen(path="/coats/wool/?ref=1").product == link.product


def test_a_view_is_noted_once_whatever_it_holds() -> None:
    view = seen(path="/\0\ud800" + "x" * 400, visitor="\0" * 90, product_code="\0")
    assert len(view.path) <= 300
    seen(path="/other")
    assert PageView.objects.count() == 1
