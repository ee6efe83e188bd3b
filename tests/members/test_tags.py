"""Tags on members: counts, ends, days, what a file says, merges of tags and people."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction
from pytest_django import DjangoAssertNumQueries

from apps.audit.models import AuditEntry
from apps.core import clock
from apps.core.errors import Refused
from apps.members import services as members
from apps.members.models import Member, MemberTag, Tag, TagDay
from apps.members.services.said_tags import say_tags
from apps.staff.models import Staff
from tests import make
from tests.members.test_merging import broken

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
HQ = MemberTag.Source.HQ


@pytest.fixture
def hq() -> Staff:
    return make.staff("許雅筑", role=Staff.Role.ADMIN)


@pytest.fixture
def now() -> datetime:
    return clock.now()


def tag(name: str = "大衣控", **fields: Any) -> Tag:
    return Tag.objects.create(name=name, **fields)


def give(
    who: Member | list[Member], *tags: Tag, at: datetime, occasion: str = ""
) -> members.Tagged:
    people = who if isinstance(who, list) else [who]
    return members.tag_members(
        [one.pk for one in people], tags, source=HQ, by=None, now=at, occasion=occasion
    )


def rows() -> list[dict[str, Any]]:
    return [dict(row) for row in MemberTag.objects.order_by("pk").values()]


def days() -> list[tuple[int, Any, int]]:
    found = TagDay.objects.order_by("given", "day")
    return list(found.values_list("given", "day", "count"))


def test_given_again_it_counts_and_lasts_longer(now: datetime) -> None:
    coat, siyu = tag(days=30), make.member()
    start = clock.start_of(clock.day_of(now))
    assert give(siyu, coat, at=start) == members.Tagged(given=1, new=1)
    assert give(siyu, coat, at=start + 5 * DAY) == members.Tagged(given=1, new=0)
    assert give(siyu, coat, at=start + 2 * DAY) == members.Tagged(given=1, new=0)

    row = MemberTag.objects.get()
    assert (row.count, row.first_at, row.last_at) == (3, start, start + 5 * DAY)
    assert row.last_day == clock.day_of(start) + 35 * DAY
    assert row.source == "hq"
    assert [count for _row, _day, count in days()] == [1, 1, 1]


def test_a_tag_without_days_has_no_end_and_takes_one_away(now: datetime) -> None:
    coat, siyu = tag(days=3), make.member()
    give(siyu, coat, at=now)
    Tag.objects.update(days=None)
    give(siyu, Tag.objects.get(), at=now)
    assert MemberTag.objects.get().expires_at is None


def test_the_same_form_twice_counts_once(now: datetime) -> None:
    coat, siyu = tag(), make.member()
    for occasion in ("form:1", "form:1", "form:2"):
        give(siyu, coat, at=now, occasion=occasion)
    assert MemberTag.objects.get().count == 2
    assert [count for _row, _day, count in days()] == [2]


def test_often_is_asked_within_days(now: datetime) -> None:
    coat = tag()
    often, once, old = (make.member(name) for name in "甲乙丙")
    for ago in (2, 0):
        give(often, coat, at=now - ago * DAY)
    give(once, coat, at=now)
    for ago in (40, 40, 39):
        give(old, coat, at=now - ago * DAY)
    give(often, tag("送禮"), at=now)
    month = clock.day_of(now) - 29 * DAY

    def found(**asked: Any) -> set[Member]:
        return set(Member.objects.people().tagged(coat, **asked))

    assert found() == {often, once, old}
    assert found(times=2) == {often, old}
    assert found(since=month) == {often, once}
    assert found(times=2, since=month) == {often}
    assert found(times=3, since=month) == set()
    assert found(times=3, since=month - 20 * DAY) == {old}


def test_an_archived_tag_is_given_to_nobody_and_stays(hq: Staff, now: datetime) -> None:
    coat, siyu = tag(), make.member()
    give(siyu, coat, at=now)
    members.archive_tag(coat, by=hq, now=now)
    assert give(make.member(), coat, at=now) == members.Tagged()
    assert set(coat.members.all()) == {siyu}
    members.restore_tag(coat, by=hq, now=now)
    assert give(make.member(), coat, at=now).new == 1


def test_taken_away_it_goes_with_its_count(hq: Staff, now: datetime) -> None:
    coat, siyu, other = tag(), make.member(), make.member()
    give([siyu, other], coat, at=now)
    assert members.untag_members([siyu.pk], [coat], by=hq, now=now) == 1
    assert members.untag_members([siyu.pk], [coat], by=hq, now=now) == 0
    assert set(coat.members.all()) == {other}
    assert len(days()) == 1
    entry = AuditEntry.objects.get(action="tag.removed")
    assert (entry.target_id, entry.facts) == (str(siyu.pk), {"tag": "大衣控"})


def test_an_alias_stands_for_the_person(hq: Staff, now: datetime) -> None:
    coat, siyu, till = tag(), make.member(), make.member()
    members.merge(siyu, till, by=hq, now=now)
    give(till, coat, at=now)
    assert set(coat.members.all()) == {siyu}
    assert members.untag_members([till.pk], [coat], by=hq, now=now) == 1


def test_the_night_takes_what_is_over_and_twice_does_nothing(now: datetime) -> None:
    short, long, good = tag("短", days=1), tag("長", days=90), tag("永久")
    siyu = make.member()
    give(siyu, short, long, good, at=now)
    tomorrow = clock.day_of(now) + DAY
    call_command("expire_tags", date=tomorrow)
    assert MemberTag.objects.count() == 3  # its last day has only begun
    for _night in range(2):
        call_command("expire_tags", date=tomorrow + DAY)
        assert set(siyu.tags.values_list("name", flat=True)) == {"長", "永久"}
    assert TagDay.objects.count() == 2
    entry = AuditEntry.objects.get(action="tag.expired")
    assert (entry.target_id, entry.facts) == (str(short.pk), {"members": 1})
    call_command("expire_tags", date=tomorrow + 800 * DAY)
    assert [row["count"] for row in rows()] == [1]
    assert days() == []


@pytest.mark.parametrize("many", [1, 400])
def test_the_statements_do_not_grow_with_the_members(
    many: int, now: datetime, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    people = [make.member() for _n in range(many)]
    coat, gift = tag(), tag("送禮")
    with django_assert_max_num_queries(9):
        give(people, coat, gift, at=now)
    with django_assert_max_num_queries(9):
        members.untag_members(
            [one.pk for one in people], [coat, gift], by=None, now=now
        )


def test_a_name_is_one_tags_whatever_its_case(hq: Staff, now: datetime) -> None:
    vip = members.make_tag(" VIP  會員 ", days=None, by=hq, now=now)
    assert vip.name == "VIP 會員"
    for name, code in (
        ("vip 會員", "tag_taken"), ("", "tag_empty"), ("字" * 31, "tag_long"),
        ("a、b", "tag_separator"),
    ):  # fmt: skip
        with pytest.raises(Refused) as caught:
            members.make_tag(name, days=None, by=hq, now=now)
        assert caught.value.code == code
    with pytest.raises(IntegrityError), transaction.atomic():
        tag("Vip 會員")


def test_new_days_hold_from_now_on_or_for_all(hq: Staff, now: datetime) -> None:
    coat, siyu = tag(), make.member()
    give(siyu, coat, at=now - 3 * DAY)
    revise = partial(members.revise_tag, coat, name="大衣迷", by=hq, now=now)
    revise(days=10)
    assert MemberTag.objects.get().expires_at is None
    revise(days=10, applies_to_holders=True)
    assert MemberTag.objects.get().last_day == clock.day_of(now) + 7 * DAY
    revise(days=None, applies_to_holders=True)
    assert MemberTag.objects.get().expires_at is None
    assert Tag.objects.get().name == "大衣迷"


def test_two_tags_become_one_with_the_sum(hq: Staff, now: datetime) -> None:
    coat, cape, old = tag(days=30), tag("披肩", days=90), tag("舊")
    one, both = make.member("甲"), make.member("乙")
    members.merge_tags(old, coat, by=hq, now=now)
    give([one, both], coat, at=now - 4 * DAY)
    give(both, coat, at=now - 4 * DAY)
    give(both, cape, at=now - 4 * DAY)
    give(both, cape, at=now)

    seen = members.preview_tag_merge(coat, cape)
    assert (seen.members, seen.both, seen.coming) == (2, 1, 2)
    assert members.merge_tags(coat, cape, by=hq, now=now) == 2

    held = {row["member_id"]: row for row in rows()}
    assert held.keys() == {one.pk, both.pk}
    assert {row["tag_id"] for row in held.values()} == {cape.pk}
    assert (held[both.pk]["count"], held[both.pk]["last_at"]) == (4, now)
    assert sorted(count for _row, _day, count in days()) == [1, 1, 3]
    assert broken() == []
    # The name stays taken, and leads to the one that is left.
    assert give(make.member(), Tag.objects.get(pk=old.pk), at=now).new == 1
    assert cape.given.count() == 3
    with pytest.raises(Refused, match="已經併入「披肩」"):
        members.make_tag("大衣控", days=None, by=hq, now=now)


def test_some_tags_cannot_be_merged(hq: Staff, now: datetime) -> None:
    coat, cape, gone = tag(), tag("披肩"), tag("舊")
    members.merge_tags(gone, coat, by=hq, now=now)
    members.archive_tag(cape, by=hq, now=now)
    cape.refresh_from_db()
    gone.refresh_from_db()
    for one, into, code in (
        (coat, coat, "tag_same"), (gone, coat, "tag_gone"), (coat, gone, "tag_gone"),
        (coat, cape, "tag_archived"),
    ):  # fmt: skip
        with pytest.raises(Refused) as caught:
            members.merge_tags(one, into, by=hq, now=now)
        assert caught.value.code == code
    assert members.merge_tags(cape, coat, by=hq, now=now) == 0


def test_merged_members_have_the_sum_and_part_exactly(hq: Staff, now: datetime) -> None:
    coat, gift, mine = tag(days=30), tag("送禮", days=5), tag("怕刺")
    keeper, loser = make.member("甲"), make.member("乙")
    give(keeper, coat, mine, at=now - 9 * DAY)
    give([keeper, loser], coat, at=now - 4 * DAY)
    give(loser, coat, gift, at=now - 4 * DAY)
    before, days_before = rows(), days()

    merge = members.merge(keeper, loser, by=hq, now=now)

    held = MemberTag.objects.get(tag=coat)
    assert (held.member, held.count) == (keeper, 4)
    assert (held.first_at, held.last_at) == (now - 9 * DAY, now - 4 * DAY)
    assert set(keeper.tags.all()) == {coat, gift, mine}
    assert merge.moved["標籤"] == 2
    assert broken() == []
    merged, days_merged = rows(), days()

    members.undo_merge(merge, by=hq, now=now + DAY)
    assert (rows(), days()) == (before, days_before)
    again = members.merge(keeper, loser, by=hq, now=now + DAY)
    assert (rows(), days()) == (merged, days_merged)

    give(keeper, coat, at=now + 2 * DAY)
    members.undo_merge(again, by=hq, now=now + 3 * DAY)
    held = MemberTag.objects.get(tag=coat, member=keeper)
    assert (held.count, held.last_at) == (3, now + 2 * DAY)
    assert MemberTag.objects.get(tag=coat, member=loser).count == 2
    assert broken() == []


def test_what_never_ends_wins_a_merge(hq: Staff, now: datetime) -> None:
    coat, keeper, loser = tag(days=30), make.member(), make.member()
    give([keeper, loser], coat, at=now)
    MemberTag.objects.filter(member=loser).update(expires_at=None)
    members.merge(keeper, loser, by=hq, now=now)
    assert MemberTag.objects.get().expires_at is None


def test_a_merge_is_undone_after_the_tags_were_merged(hq: Staff, now: datetime) -> None:
    coat, cape = tag(), tag("披肩")
    keeper, loser = make.member(), make.member()
    give([keeper, loser], coat, at=now)
    merge = members.merge(keeper, loser, by=hq, now=now)
    members.merge_tags(coat, cape, by=hq, now=now)
    members.undo_merge(merge, by=hq, now=now)
    assert [(row["tag_id"], row["count"]) for row in rows()] == [(cape.pk, 1)] * 2
    assert broken() == []


def test_what_a_file_says_is_so_and_said_again_changes_nothing(
    now: datetime,
) -> None:
    siyu, other = make.member(), make.member()
    coat = tag(days=5)
    give(siyu, coat, at=now - 3 * DAY)
    held = rows()
    said = {siyu.pk: ["大衣控", "VIP"], other.pk: ["vip"]}

    told = say_tags(said, source="import", now=now)
    assert told.changed == {siyu.pk, other.pk}
    assert set(Tag.objects.values_list("name", flat=True)) in (
        {"大衣控", "VIP"}, {"大衣控", "vip"},
    )  # fmt: skip
    assert rows()[0] == held[0]

    before = rows()
    told = say_tags(said, source="import", now=now + DAY)
    assert (told.changed, rows()) == (set(), before)


def test_what_a_file_says_may_replace_all(hq: Staff, now: datetime) -> None:
    siyu, other, apart = (make.member() for _n in range(3))
    coat, gift, old = tag(), tag("送禮"), tag("舊")
    give([siyu, other, apart], coat, gift, old, at=now)
    members.archive_tag(old, by=hq, now=now)

    told = say_tags(
        {siyu.pk: ["送禮", "新"], other.pk: ["舊"]},
        source="import", replaces=True, now=now,
    )  # fmt: skip

    assert told.removed == {siyu.pk: 1, other.pk: 2}
    assert told.archived == {other.pk}
    assert set(siyu.tags.values_list("name", flat=True)) == {"送禮", "新", "舊"}
    assert set(other.tags.all()) == {old}  # nobody could give it back
    assert apart.tags.count() == 3
