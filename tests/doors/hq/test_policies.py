"""HQ's rules of credit: reading them, drafting, trying a draft, and publishing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from apps.attribution import rules
from apps.attribution import services as attribution
from apps.attribution.models import Policy, PolicyDraft, Simulation
from apps.attribution.rules import Rate
from apps.core import clock
from apps.members.models import Member
from apps.staff.models import Staff
from tests import make
from tests.doors.sales import DAY, bought, clicked, replied

pytestmark = pytest.mark.django_db

As = Callable[[Staff], Client]
URL = "/hq/policies/"
PLACES = ["pos_seller", "cart", "coupon", "link", "chat", "binding"]


@pytest.fixture
def draft(hq: Staff) -> PolicyDraft:
    return attribution.begin_draft(by=hq, now=clock.now())


def at(draft: PolicyDraft, verb: str = "") -> str:
    """Return the draft's address, or one of its verbs'."""
    return f"{URL}drafts/{draft.pk}/{verb}"


def filled(**changes: Any) -> dict[str, Any]:
    """Return the form of the default rules; None leaves a field out."""
    own = {
        "name": "縮短推廣連結",
        "order": "pos_seller,cart,coupon,link,chat,booking,binding",
        **{f"{rung.basis}_used": "on" for rung in rules.DEFAULT.rungs[:-1]},
        "cart_days": 7,
        "link_days": 30,
        "link_start": "clicked",
        "product_first": "on",
        "chat_days": 7,
        "booking_days": 30,
        "exclude_self": "on",
        "exclude_email": "on",
        "exclude_address": "on",
        "leaver_to_store": "on",
        "cooling_off_days": 10,
        **changes,
    }
    return {name: value for name, value in own.items() if value is not None}


def errors(answer: Any) -> dict[str, list[str]]:
    """Return what the form says is wrong."""
    told: dict[str, list[str]] = answer.context["form"].errors
    return told


def simulated(draft: PolicyDraft, hq: Staff) -> Simulation:
    """Try the draft on the last ten days, to the end."""
    now, today = clock.now(), clock.today()
    plan = (Rate(today - 900 * DAY, 300, 100),)
    row = attribution.start_simulation(
        draft, since=today - 10 * DAY, until=today, rates=plan, by=hq, now=now
    )
    while attribution.advance(row.pk, now=now):
        pass
    row.refresh_from_db()
    return row


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("zh-hant", ["認列規則", "點擊推廣連結後 30 天內下單", "系統預設的規則"]),
        ("en", ["30 days"]),
    ],
)
def test_the_rules_in_force_read_like_the_rule(
    language: str, words: list[str], as_: As, hq: Staff
) -> None:
    client = as_(hq)
    client.cookies["django_language"] = language
    html = client.get(URL).content.decode()
    assert all(word in html for word in words)


def test_the_history_says_who_and_from_when(as_: As, hq: Staff) -> None:
    now = clock.now()
    policy = attribution.publish_policy(
        {"classes": [{"basis": "chat", "days": 9}, {"basis": "house"}]},
        effective_from=now + DAY,
        by=hq,
        now=now,
    )
    client = as_(hq)
    html = client.get(URL).content.decode()
    assert "許雅筑發布" in html
    assert "將生效" in html
    assert policy.version == 2
    one = client.get(f"{URL}{policy.pk}/")
    assert "9 天內下單" in one.content.decode()
    assert one.context["told"].dropped == (
        "門市結帳店員", "代客購物車", "店員優惠券", "推廣連結", "綁定推薦人"
    )  # fmt: skip


def test_readers_see_the_rules_and_may_change_nothing(
    as_: As, draft: PolicyDraft, hq: Staff
) -> None:
    row = simulated(draft, hq)
    client = as_(make.staff("行銷", role=Staff.Role.MARKETING))
    html = client.get(URL).content.decode()
    assert "以目前規則起草" not in html
    shown = client.get(f"/hq/simulations/{row.pk}/")
    assert shown.status_code == 200
    assert "分潤總額增減" not in shown.content.decode()
    for url in (
        f"{URL}drafts/",
        *(at(draft, verb) for verb in ("", "discard/", "publish/", "trial/")),
        f"/hq/simulations/{row.pk}/cancel/",
    ):
        assert client.post(url).status_code == 403


def test_a_draft_begins_with_the_rules_in_force(as_: As, hq: Staff) -> None:
    answer = as_(hq).post(f"{URL}drafts/")
    row = PolicyDraft.objects.get()
    assert answer["Location"] == at(row)
    assert row.rules == rules.DEFAULT.as_json()
    assert as_(hq).get(at(row)).context["told"].is_new is False


def test_a_draft_is_written_over(as_: As, hq: Staff, draft: PolicyDraft) -> None:
    client = as_(hq)
    changed = filled(
        link_days=14, link_start="sent", product_first=None, chat_used=None,
        coupon_used=None, cart_days=3, booking_used="on", exclude_self=None,
        exclude_email=None, exclude_address=None, leaver_to_store=None, shared="on",
        winner_share=70, part_to="binding", part_share=20, cooling_off_days=0,
    )  # fmt: skip
    assert client.post(at(draft), changed)["Location"] == at(draft)
    draft.refresh_from_db()
    assert draft.name == "縮短推廣連結"
    assert draft.rules == {
        "classes": [
            {"basis": "pos_seller"},
            {"basis": "cart", "days": 3},
            {"basis": "link", "days": 14, "start": "sent", "product_first": False},
            {"basis": "booking", "days": 30},
            {"basis": "binding"},
            {"basis": "house"},
        ],
        "exclude_self": False,
        "exclude_email": False,
        "exclude_address": False,
        "leaver_to_store": False,
        "parts": [["winner", 7_000], ["binding", 2_000]],
        "cooling_off_days": 0,
    }
    told = client.get(at(draft)).context["told"]
    assert told.dropped == ("店員優惠券", "對話協助")
    assert [rung.is_new for rung in told.rungs] == [False, True, True, True, True, True]
    said = {clause.title: clause.text for clause in told.clauses if clause.is_new}
    assert said["本人購買"] == "店員自己的訂單也可以認列給自己。"
    assert said["離職店員"] == "下單時已離職的店員跳過，由下一位符合的取得。"
    assert said["分配"] == (
        "每個品項：取得的店員 70%、綁定推薦人 20%。其餘 10% 不分潤。"
        "沒有另一位時，全部歸取得的店員。"
    )


def test_a_draft_with_booking_and_shares_comes_back_into_the_form(
    as_: As, hq: Staff, draft: PolicyDraft
) -> None:
    client = as_(hq)
    changed = filled(
        booking_used="on", shared="on", winner_share=60, part_to="chat", part_share=40
    )
    client.post(at(draft), changed)
    form = client.get(at(draft)).context["form"]
    named = ("shared", "winner_share", "part_to", "part_share", "booking_used")
    assert [form[name].value() for name in named] == [True, 60, "chat", 40, True]


@pytest.mark.parametrize(
    ("move", "order"),
    [
        ("link:up", ["pos_seller", "cart", "link", "coupon", "chat", "binding"]),
        ("link:down", ["pos_seller", "cart", "coupon", "chat", "link", "binding"]),
        ("cart:up", ["cart", "pos_seller", "coupon", "link", "chat", "binding"]),
        ("pos_seller:up", PLACES),
        ("binding:down", PLACES),
        ("nothing:up", PLACES),
    ],
)
def test_a_class_moves_without_javascript(
    move: str, order: list[str], as_: As, hq: Staff, draft: PolicyDraft
) -> None:
    as_(hq).post(at(draft), filled(move=move))
    draft.refresh_from_db()
    assert [rung["basis"] for rung in draft.rules["classes"]] == [*order, "house"]


def test_moving_keeps_what_was_typed(as_: As, hq: Staff, draft: PolicyDraft) -> None:
    answer = as_(hq).post(at(draft), filled(move="chat:up", link_days="很久"))
    assert answer.status_code == 422
    form = answer.context["form"]
    assert form.places() == [
        "pos_seller", "cart", "coupon", "chat", "link", "booking", "binding"
    ]  # fmt: skip
    assert form["link_days"].value() == "很久"


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"link_days": 0}, "最少 1 天"),
        ({"chat_days": 366}, "最多 365 天"),
        ({"link_days": ""}, "請填天數"),
        ({"cart_days": 0}, "最少 1 天"),
        ({"shared": "on", "winner_share": "", "part_share": 30}, "請填比例"),
        ({"shared": "on", "winner_share": 80, "part_share": 30}, "不能超過 100%"),
        (
            {
                "shared": "on",
                "winner_share": 70,
                "part_share": 30,
                "part_to": "booking",
            },
            "沒有採用",
        ),
        ({"cooling_off_days": -1}, "不能是負數"),
        ({"link_start": "read"}, "選項"),
        ({"name": " "}, "取個名字"),
    ],
)
def test_what_makes_no_sense_is_told_beside_its_field(
    wrong: dict[str, Any], said: str, as_: As, hq: Staff, draft: PolicyDraft
) -> None:
    answer = as_(hq).post(at(draft), filled(**wrong))
    assert answer.status_code == 422
    assert {*errors(answer)} <= {*wrong}
    assert said in str(errors(answer))
    draft.refresh_from_db()
    assert draft.rules == rules.DEFAULT.as_json()


def test_a_draft_is_tried_watched_and_compared(
    as_: As,
    hq: Staff,
    lin: Staff,
    chen: Staff,
    siyu: Member,
    draft: PolicyDraft,
    drain: Callable[[], list[str]],
) -> None:
    replied(siyu, chen, clock.now() - 5 * DAY)
    order = bought(siyu, 4_280)
    client = as_(hq)
    client.post(at(draft), filled(chat_days=3))

    today = clock.today().isoformat()
    url = client.post(
        at(draft, "trial/"), {"period": "custom", "since": today, "until": today}
    )["Location"]
    assert "every 1s" in client.get(url).content.decode()
    drain()

    shown = client.get(url)
    html = shown.content.decode()
    assert "every 1s" not in html
    [moved] = shown.context["moved"]
    assert moved.row.order == order
    assert (moved.before.who, moved.before.label) == (
        "陳柏翰（高雄美術館店）",
        "對話協助",
    )
    assert (moved.after.who, moved.after.label) == (
        "林怡君（台北中山店）",
        "綁定推薦人",
    )
    assert moved.after.why == "對話協助：3 天內有效，下單時已經過期。"
    assert f"/hq/credits/{order.pk}/" in html
    for by, told in (
        ("store", [("台北中山店", 4_280), ("高雄美術館店", -4_280)]),
        ("person", [("林怡君", 4_280), ("陳柏翰", -4_280)]),
        ("class", [("綁定推薦人", 4_280), ("對話協助", -4_280)]),
    ):
        rows = client.get(url, {"by": by}).context["comparison"]
        assert [(row.label, row.difference) for row in rows] == told
        assert sum(row.commission_difference for row in rows) == 0


def test_the_fragment_alone_is_polled(as_: As, hq: Staff, draft: PolicyDraft) -> None:
    row = simulated(draft, hq)
    html = as_(hq).get(f"/hq/simulations/{row.pk}/", headers={"HX-Request": "true"})
    assert "<html" not in html.content.decode()
    assert "沒有訂單會換人認列" in html.content.decode()


def test_a_simulation_is_cancelled(as_: As, hq: Staff, draft: PolicyDraft) -> None:
    today = clock.today()
    row = attribution.start_simulation(
        draft, since=today, until=today, rates=(), by=hq, now=clock.now()
    )
    client = as_(hq)
    cancel = f"/hq/simulations/{row.pk}/cancel/"
    client.post(cancel)
    assert "試算已取消" in client.get(f"/hq/simulations/{row.pk}/").content.decode()
    assert client.post(cancel).status_code == 422


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"period": "custom"}, "since"),
        ({"period": "custom", "since": "2026-02-01", "until": "2026-01-01"}, "since"),
        ({"period": "custom", "since": "2020-01-01", "until": "2026-01-01"}, "since"),
        ({"period": "custom", "since": "2026-01-01", "until": "2099-01-01"}, "until"),
        ({"period": "custom", "since": "x", "until": "2026-01-01"}, "since"),
        ({}, "period"),
    ],
)
def test_a_period_that_makes_no_sense_is_told(
    asked: dict[str, str], field: str, as_: As, hq: Staff, draft: PolicyDraft
) -> None:
    answer = as_(hq).post(at(draft, "trial/"), asked)
    assert answer.status_code == 422
    assert field in answer.context["period"].errors
    assert not Simulation.objects.exists()


def test_the_presets_are_whole_days(as_: As, hq: Staff, draft: PolicyDraft) -> None:
    make.plan()
    today = clock.today()
    for kind in ("last_month", "ninety"):
        as_(hq).post(at(draft, "trial/"), {"period": kind})
        Simulation.objects.filter(status="queued").update(status="done")
    ninety, month = Simulation.objects.order_by("-pk")
    assert (ninety.since, ninety.until) == (today - 89 * DAY, today)
    assert month.since.day == 1
    assert month.until == today.replace(day=1) - DAY
    assert month.rates


def test_publishing_says_what_would_have_moved_and_asks_for_a_day_ahead(
    as_: As, hq: Staff, siyu: Member, chen: Staff, draft: PolicyDraft
) -> None:
    replied(siyu, chen, clock.now() - 5 * DAY)
    bought(siyu, 4_280)
    client = as_(hq)
    assert "還沒有試算" in client.get(at(draft, "publish/")).content.decode()
    client.post(at(draft), filled(chat_days=3))
    draft.refresh_from_db()
    simulated(draft, hq)
    asked = client.get(at(draft, "publish/")).content.decode()
    assert "1 筆訂單換人認列，移動業績 NT$4,280" in asked

    today = clock.today()
    late = client.post(at(draft, "publish/"), {"effective_on": today.isoformat()})
    assert (late.status_code, list(errors(late))) == (422, ["effective_on"])
    tomorrow = today + timedelta(days=1)
    client.post(at(draft, "publish/"), {"effective_on": tomorrow.isoformat()})

    policy = Policy.objects.get(draft=draft)
    assert policy.effective_from == clock.start_of(tomorrow)
    assert policy.published_by == hq
    assert client.get(at(draft)).status_code == 404


def test_a_draft_is_thrown_away(as_: As, hq: Staff, draft: PolicyDraft) -> None:
    assert as_(hq).post(at(draft, "discard/"))["Location"] == URL
    assert not PolicyDraft.objects.exists()


def test_the_pages_ask_a_fixed_number_of_questions(
    as_: As,
    hq: Staff,
    siyu: Member,
    chen: Staff,
    draft: PolicyDraft,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    replied(siyu, chen, clock.now() - 5 * DAY)
    clicked(siyu, chen, make.product())
    for amount in range(100, 120):
        bought(siyu, amount)
    attribution.revise_draft(
        draft, {"classes": [{"basis": "house"}]}, name="無", by=hq, now=clock.now()
    )
    row = simulated(draft, hq)
    client = as_(hq)
    for url, most in (
        (URL, 8),
        (at(draft), 8),
        (f"/hq/simulations/{row.pk}/", 12),
        (f"/hq/simulations/{row.pk}/?by=person", 12),
    ):
        with django_assert_max_num_queries(most):
            assert client.get(url).status_code == 200
