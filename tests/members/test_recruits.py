"""Whom each person won for the brand, by day."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from apps.core import clock
from apps.members.models import Identity
from apps.members.reports.recruits import recruit_counts
from tests import make

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def test_each_thing_counts_once_for_whom_the_member_is_bound_to() -> None:
    store = make.store()
    lin, chen = (make.staff(name, at=store) for name in ("林怡君", "陳柏翰"))
    noon = clock.start_of(clock.today() - DAY) + timedelta(hours=12)
    won = make.member(stage="registered", registered_at=noon)
    make.bound(won, lin, store, since=noon + timedelta(hours=1))
    Identity.objects.create(
        member=won, kind="app", system="app", value="a1", created_at=noon
    )
    friend = make.member("小美", on=make.account())
    Identity.objects.filter(member=friend).update(followed_at=noon)
    make.member("路人", stage="registered", registered_at=noon, home_store=store)
    old = make.member("舊客")
    make.bound(old, lin, store, since=noon - 9 * DAY, until=noon)
    make.bound(old, chen, store, since=noon)

    found = recruit_counts(since=clock.today() - DAY, until=clock.today())
    told = {
        each.staff_id: (
            each.store_id, each.members, each.friends, each.apps, each.bindings,
            each.rebinds,
        )
        for each in found
        if each.store_id is not None
    }  # fmt: skip
    assert told == {
        lin.pk: (store.pk, 1, 0, 1, 1, 0),
        chen.pk: (store.pk, 0, 0, 0, 0, 1),
        None: (store.pk, 1, 0, 0, 0, 0),
    }
    assert [each.friends for each in found if each.store_id is None] == [1]
    assert not recruit_counts(since=clock.today(), until=clock.today() + DAY)


def test_hq_reads_it_and_takes_it_away(client: Client) -> None:
    store = make.store()
    lin = make.staff("林怡君", at=store)
    since = clock.now() - timedelta(minutes=1)
    make.bound(make.member(), lin, store, since=since)
    client.force_login(make.staff("許雅筑", role="admin"))
    for query in ("", f"period=week&store={store.pk}", "period=custom&since=x"):
        shown = client.get(f"/hq/reports/recruits/?{query}").content.decode()
        assert "林怡君" in shown
    file = client.get("/hq/reports/recruits/csv/?period=week").content.decode()
    assert file.count("林怡君") == 1
    none = client.get("/hq/reports/recruits/?store=987654321").content.decode()
    assert "這段期間還沒有人加入" in none
