"""Two who tag one member, and a tag that is merged away meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from apps.core import clock
from apps.members import services as members
from apps.members.models import MemberTag, Tag, TagDay
from apps.members.services import tag_rows
from apps.members.services import tags as verbs
from tests import make

pytestmark = pytest.mark.django_db(transaction=True)

THREADS = 8


def together(*acts: Callable[[], None]) -> None:
    """Let each act run in a thread and a connection of its own."""

    def one(act: Callable[[], None]) -> None:
        try:
            act()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        list(pool.map(one, acts))


def test_every_one_of_them_counts() -> None:
    people = [make.member() for _n in range(20)]
    tags = [Tag.objects.create(name=name) for name in ("大衣控", "送禮")]
    start = threading.Barrier(THREADS)

    def tag(turn: int) -> None:
        ids = [one.pk for one in people]
        start.wait(timeout=20)
        members.tag_members(
            ids[::-1] if turn % 2 else ids, tags, source="hq", by=None, now=clock.now()
        )

    together(*[lambda turn=turn: tag(turn) for turn in range(THREADS)])

    assert set(MemberTag.objects.values_list("count", flat=True)) == {THREADS}
    assert MemberTag.objects.count() == 40
    assert sum(TagDay.objects.values_list("count", flat=True)) == 40 * THREADS


def tag_while_it_is_merged(
    look_up: Callable[[Collection[int]], dict[int, Tag]],
) -> None:
    """Merge a tag away between looking it up and giving it."""
    coat, cape = (Tag.objects.create(name=name) for name in ("大衣控", "披肩"))
    siyu, looked = make.member(), threading.Event()

    def tag() -> None:
        with transaction.atomic():
            look_up({coat.pk})
            looked.set()
            threading.Event().wait(0.4)
            members.tag_members(
                [siyu.pk], [coat], source="hq", by=None, now=clock.now()
            )

    def merge() -> None:
        looked.wait(timeout=20)
        members.merge_tags(coat, cape, by=None, now=clock.now())

    together(tag, merge)


def test_a_tag_given_while_it_is_merged_is_the_other_one() -> None:
    tag_while_it_is_merged(tag_rows.hold)
    assert MemberTag.objects.get().tag.name == "披肩"


@pytest.mark.breaks_invariants("the guard is off")
def test_without_the_lock_the_member_is_left_with_the_merged_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    known: dict[int, Tag] = {}

    def unlocked(tag_ids: Collection[int]) -> dict[int, Tag]:
        for pk in tag_ids:
            known.setdefault(pk, Tag.objects.get(pk=pk))
        return {pk: known[pk] for pk in tag_ids}

    monkeypatch.setattr(verbs, "hold", unlocked)
    tag_while_it_is_merged(unlocked)
    assert MemberTag.objects.get().tag.name == "大衣控"
