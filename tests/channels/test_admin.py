"""The account's page in the admin: secrets go in, and never come out."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse
from django_q.models import OrmQ

from apps.audit.models import AuditEntry
from apps.channels.admin import SECRETS
from apps.channels.models import Account
from apps.staff.models import Staff
from tests import make


@pytest.fixture
def admin(client: Client, db: None) -> Client:
    client.force_login(Staff.objects.create_superuser("root", name="總部"))
    return client


def _form(account: Account, **changes: str) -> dict[str, str]:
    fields = (
        "name", "slug", "channel", "badge", "basic_id", "bot_user_id", "channel_id",
        "login_channel_id", "liff_id",
    )  # fmt: skip
    kept = {name: str(getattr(account, name)) for name in fields}
    return {**kept, "is_active": "on", **dict.fromkeys(SECRETS, ""), **changes}


def test_no_secret_is_ever_shown(admin: Client) -> None:
    account = make.account()
    secrets = [getattr(account, name) for name in SECRETS]
    assert len(SECRETS) == 4
    assert all(secrets)

    page = admin.get(reverse("admin:channels_account_change", args=[account.pk]))

    assert page.status_code == 200
    assert not [secret for secret in secrets if secret in page.content.decode()]


def test_a_secret_left_empty_is_kept_and_a_new_one_is_taken(admin: Client) -> None:
    account = make.account()
    url = reverse("admin:channels_account_change", args=[account.pk])

    answer = admin.post(url, _form(account, access_token="reissued", name="晴川"))

    assert answer.status_code == 302
    after = Account.objects.get()
    assert (after.name, after.access_token) == ("晴川", "reissued")
    assert after.channel_secret == account.channel_secret
    assert after.login_channel_secret == account.login_channel_secret


def test_a_change_is_recorded_without_its_value_and_put_to_the_test(
    admin: Client,
) -> None:
    account = make.account()
    url = reverse("admin:channels_account_change", args=[account.pk])

    admin.post(url, _form(account, access_token="reissued"))

    entry = AuditEntry.objects.get(action="account.changed")
    assert entry.facts == {"fields": ["access_token"]}
    assert OrmQ.objects.count() == 1


def test_the_outbox_can_be_looked_at(admin: Client) -> None:
    for model in ("delivery", "pace", "quotamonth"):
        page = admin.get(reverse(f"admin:messaging_{model}_changelist"))
        assert page.status_code == 200
