"""The admin publishes policies and plans as new rows, and changes nothing else."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from apps.attribution import rules
from apps.attribution.models import Policy
from apps.audit.models import AuditEntry
from apps.commissions.models import Plan
from apps.core import clock
from apps.staff.models import Staff
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser(client: Client) -> Client:
    admin = make.staff("總部", role=Staff.Role.ADMIN, is_superuser=True)
    client.force_login(admin)
    return client


def test_a_plan_is_published_and_never_changed(browser: Client) -> None:
    rates = {"name": "標準", "online_rate": 300, "store_rate": 100}
    url = reverse("admin:commissions_plan_add")
    assert browser.post(url, {**rates, "starts_on": "2024-01-01"}).status_code == 302
    again = browser.post(url, {**rates, "starts_on": "2024-02-01"})
    assert "不能早於今天" in again.content.decode()
    plan = Plan.objects.get()
    assert AuditEntry.objects.filter(action="commissions.plan_published").exists()
    change = reverse("admin:commissions_plan_change", args=[plan.pk])
    assert browser.post(change, {**rates, "starts_on": "2024-03-01"}).status_code == 403


def test_a_policy_is_published_as_the_next_version(browser: Client) -> None:
    url = reverse("admin:attribution_policy_add")
    at = (clock.now() + timedelta(days=1)).astimezone(clock.TAIPEI)
    when = {"effective_from_0": f"{at:%Y-%m-%d}", "effective_from_1": f"{at:%H:%M:%S}"}
    assert "pos_seller" in browser.get(url).content.decode()
    wrong = browser.post(url, {**when, "rules": '{"classes": []}'})
    assert "規則內容不正確" in wrong.content.decode()
    right = '{"classes": [{"basis": "chat", "days": 3}, {"basis": "house"}]}'
    assert browser.post(url, {**when, "rules": right}).status_code == 302
    newest = Policy.objects.first()
    assert newest is not None
    assert newest.version == 2
    assert rules.Policy.from_json(newest.rules).rungs[0].days == 3


@pytest.mark.parametrize(
    "page",
    [
        "attribution_policy", "attribution_decision", "attribution_credit",
        "attribution_touch", "attribution_promolink", "commissions_plan",
        "commissions_commissionentry", "commissions_closedmonth",
    ],
)  # fmt: skip
def test_every_list_opens(browser: Client, page: str) -> None:
    assert browser.get(reverse(f"admin:{page}_changelist")).status_code == 200
