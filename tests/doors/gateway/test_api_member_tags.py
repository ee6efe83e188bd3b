"""Tags of members through the API: what is so, said as often as one likes."""

from __future__ import annotations

import pytest

from apps.members.models import MemberTag
from tests.doors.gateway.conftest import Call
from tests.doors.gateway.test_api_members import row, send

pytestmark = pytest.mark.django_db


def test_tags_come_in_and_the_same_again_counts_nothing(call: Call) -> None:
    wish = row(tags=["大衣控", "VIP", "vip"])
    (new,) = send(call, wish)
    (same,) = send(call, wish)
    (more,) = send(call, row(tags=["送禮"]))

    statuses = [each["status"] for each in (new, same, more)]
    assert statuses == ["new", "unchanged", "changed"]
    told = MemberTag.objects.order_by("pk").values_list("tag__name", "count", "source")
    assert sorted(told) == [("VIP", 1, "api"), ("大衣控", 1, "api"), ("送禮", 1, "api")]


def test_a_tag_with_a_separator_is_refused(call: Call) -> None:
    (told,) = send(call, row(tags=["大衣、送禮"]))
    assert (told["status"], told["field"]) == ("rejected", "tags")
    assert not MemberTag.objects.exists()
