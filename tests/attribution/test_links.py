"""Tracked links and the shop's snippet: who came, by whose link, to which product."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import pytest
from pytest_django import Settings

from apps.attribution import models
from apps.attribution import services as attribution
from apps.attribution.models import Click, Credit, PageView, PromoLink, Touch
from apps.attribution.reports.links import status_of
from apps.attribution.rules import Policy, Rung
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
    assert query == (
        f"rg={link.code}&utm_source=line&utm_medium=staff"
        f"&utm_campaign=product&utm_content={link.staff.code}"
    )


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


def made(lin: Staff, **facts: Any) -> PromoLink:
    """Make a link for nobody in particular."""
    return attribution.make_link(lin, None, member=None, now=NOW, **facts)


def test_a_link_leads_to_any_page_of_the_shop(lin: Staff, settings: Settings) -> None:
    settings.SHOP_CATEGORY_PATH = "/categories/{slug}?name={name}"
    category, place = make.product().category, make.store("台北 中山店", code="s/01")
    shop = "http://127.0.0.1:8011"
    cases = [
        (made(lin), "home", shop),
        (made(lin, category=category), "category", f"{shop}/categories/coats"),
        (made(lin, place=place), "store", f"{shop}/stores/s%2F01"),
        (made(lin, kind="cart", target=f"{shop}/cart/c7Xq"), "cart", f"{shop}/cart/c7"),
        (made(lin, target=f"{shop}/sale"), "page", f"{shop}/sale"),
    ]
    for link, kind, target in cases:
        assert link.kind == kind
        assert link.target_url.startswith(target)
    assert "name=%E5%A4%96%E5%A5%97&rg=" in cases[1][0].target_url
    assert cases[1][0].label == category.label


def test_hqs_own_words_for_its_statistics_are_kept(lin: Staff) -> None:
    target = "https://shop.example/sale?utm_source=fb&utm_campaign=fall&rg=other"
    link = made(lin, target=target, campaign="ignored here")
    query = parse_qs(urlsplit(link.target_url).query)
    assert query["utm_source"] == ["fb"]
    assert query["utm_campaign"] == ["fall"]
    assert query["utm_medium"] == ["staff"]
    assert query["rg"] == [link.code]
    assert link.campaign == "ignored here"


def test_a_campaign_names_a_link_of_its_own(lin: Staff) -> None:
    plain, fall = made(lin), made(lin, campaign="fall")
    assert plain.code != fall.code == made(lin, campaign="fall").code
    assert "utm_campaign=fall" in fall.target_url


def test_a_link_ends_after_its_days(lin: Staff, settings: Settings) -> None:
    settings.LINK_DAYS = 90
    link = made(lin)
    assert link.expires_at == NOW + timedelta(days=90)
    last = NOW + timedelta(days=90, microseconds=-1)
    attribution.follow_link(link.code, visitor="v", now=last)
    with pytest.raises(Refused, match="過期"):
        attribution.follow_link(link.code, visitor="v", now=NOW + timedelta(days=90))
    settings.LINK_DAYS = 0
    assert made(lin, campaign="for good").expires_at is None


def test_a_link_for_all_is_one_as_long_as_it_lives(
    lin: Staff, settings: Settings
) -> None:
    settings.LINK_DAYS = 30
    first = made(lin)
    facts: dict[str, Any] = {"member": None, "now": NOW + timedelta(days=29)}
    assert attribution.make_link(lin, None, **facts) == first
    facts["now"] = NOW + timedelta(days=30)
    assert attribution.make_link(lin, None, **facts) != first


def test_the_first_sending_and_the_first_click_are_kept(
    link: PromoLink, lin: Staff
) -> None:
    assert link.sent_at == NOW
    own = made(lin)
    assert own.sent_at is None
    for hours in (1, 2):
        at = NOW + timedelta(hours=hours)
        attribution.mark_sent(own, now=at)
        attribution.follow_link(own.code, visitor="v", now=at)
    own.refresh_from_db()
    assert own.sent_at == own.clicked_at == NOW + timedelta(hours=1)


def test_a_click_keeps_the_device(link: PromoLink) -> None:
    agent = "Mozilla/5.0 (Linux; Android 14; SM-S911B) Mobile Safari/537.36 Line/14.1.0"
    attribution.follow_link(link.code, visitor="v", now=NOW, agent=agent)
    click = Click.objects.get()
    assert (click.device, click.system, click.in_app) == ("mobile", "android", "line")


def test_a_machine_leaves_no_trace(link: PromoLink) -> None:
    agent = "facebookexternalhit/1.1;line-poker/1.0"
    target = attribution.follow_link(link.code, visitor="v", now=NOW, agent=agent)
    assert target == link.target_url
    link.refresh_from_db()
    assert link.clicked_at is None
    assert not Click.objects.exists()
    assert not Touch.objects.exists()


def test_a_campaign_changes_no_credit(lin: Staff) -> None:
    buyer, coat = make.member(), make.product()
    link = attribution.make_link(
        lin, None, member=buyer, product=coat, now=NOW, campaign="fall"
    )
    attribution.follow_link(link.code, visitor="v", now=NOW)
    later = NOW + timedelta(hours=1)
    order = make.order(buyer, 3_280, placed_at=later, reference=link.code)
    attribution.credit([order.pk], now=later)
    credit = Credit.objects.get(superseded_at=None)
    assert (credit.staff, credit.decision.basis) == (lin, "link")


def test_the_window_runs_from_the_latest_click(link: PromoLink) -> None:
    fresh = status_of(link.code, now=NOW)
    assert fresh is not None
    assert (fresh.link.sent_at, fresh.window_starts_at, fresh.window_days) == (
        NOW, None, 30,
    )  # fmt: skip
    for hours in (1, 5):
        at = NOW + timedelta(hours=hours)
        attribution.follow_link(link.code, visitor="v", now=at)
    told = status_of(link.code, now=NOW + timedelta(hours=6))
    assert told is not None
    assert told.link.clicked_at == NOW + timedelta(hours=1)
    assert told.clicked_at == told.window_starts_at == NOW + timedelta(hours=5)
    assert told.window_ends_at == NOW + timedelta(days=30, hours=5)
    assert status_of("nobodys", now=NOW) is None


def test_a_policy_may_count_from_the_sending(link: PromoLink) -> None:
    ladder = Policy((Rung("link", days=3, start="sent"), Rung("house")))
    models.Policy.objects.create(
        version=1, effective_from=NOW - timedelta(days=1), rules=ladder.as_json()
    )
    told = status_of(link.code, now=NOW)
    assert told is not None
    assert (told.window_starts_at, told.window_days) == (NOW, 3)


def seen(event: UUID = EVENT, reference: str = "", **changes: Any) -> PageView:
    """Note a page that was looked at."""
    facts = {"visitor": "v", "path": "/x", "reference": reference, **changes}
    attribution.note_events([attribution.Browsed(event, "view", at=NOW, **facts)])
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
