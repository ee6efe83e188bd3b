"""The tag column of a file of members: given, left alone, replaced, tried first."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile

from apps.core import clock
from apps.core.errors import Refused
from apps.imports import kinds
from apps.imports import services as imports
from apps.imports.models import ImportJob
from apps.members import services as members
from apps.members.models import Member, MemberTag, Tag
from apps.staff.models import Staff
from tests import make

pytestmark = pytest.mark.django_db

FILE = """姓名,手機,標籤
陳思妤,0912000001,大衣控；送禮
王小明,0912000002,"送禮、VIP"
李大華,0912000003,
"""


@pytest.fixture(autouse=True)
def _shelf(settings: object, tmp_path: Path) -> None:
    settings.IMPORTS_ROOT = tmp_path  # type: ignore[attr-defined]  # django's settings


def job_of(text: str = FILE, *, by: Staff | None = None, **options: str) -> ImportJob:
    job = imports.upload(
        ContentFile(text.encode(), "會員.csv"), kind=kinds.named("members"), by=by,
        now=clock.now(),
    )  # fmt: skip
    return imports.map_columns(job, job.mapping, options)


def run(job: ImportJob, *, is_trial: bool = False) -> ImportJob:
    begin = imports.check if is_trial else imports.start
    begin(job, by=None, now=clock.now())
    while imports.advance(job.pk, now=clock.now()):
        continue
    job.refresh_from_db()
    return job


def rows() -> list[dict[str, Any]]:
    return [dict(row) for row in MemberTag.objects.order_by("pk").values()]


def tags_of(name: str) -> set[str]:
    held = Member.objects.get(name=name).tags
    return set(held.values_list("name", flat=True))


def test_the_same_file_again_changes_nothing() -> None:
    run(job_of())
    assert tags_of("陳思妤") == {"大衣控", "送禮"}
    assert tags_of("王小明") == {"送禮", "VIP"}
    assert tags_of("李大華") == set()
    assert {row["source"] for row in rows()} == {"import"}
    before = rows()

    again = run(job_of())

    assert (again.new, again.changed, again.unchanged) == (0, 0, 3)
    assert (rows(), again.also) == (before, {})


def test_what_others_gave_stays_unless_it_is_replaced() -> None:
    run(job_of())
    gift, mine = Tag.objects.get(name="送禮"), Tag.objects.create(name="怕刺")
    ids = list(Member.objects.values_list("pk", flat=True))
    members.tag_members(ids, [mine, gift], source="hq", by=None, now=clock.now())
    run(job_of())
    assert tags_of("陳思妤") == {"大衣控", "送禮", "怕刺"}

    tried = run(job_of(replaces_tags="yes"), is_trial=True)

    assert tried.also == {"tags_removed": 4}  # 怕刺 of three, 送禮 of the last
    assert tags_of("陳思妤") == {"大衣控", "送禮", "怕刺"}

    done = run(job_of(replaces_tags="yes"))

    assert (done.also, done.changed) == ({"tags_removed": 4}, 3)
    assert tags_of("陳思妤") == {"大衣控", "送禮"}
    assert tags_of("李大華") == set()
    kept = MemberTag.objects.get(tag=gift, member__name="王小明")
    assert kept.count == 2
    assert run(job_of(replaces_tags="yes")).also == {}


def test_a_file_without_the_column_replaces_nothing() -> None:
    run(job_of())
    done = run(job_of("姓名,手機\n陳思妤,0912000001\n", replaces_tags="yes"))
    assert done.also == {}
    assert tags_of("陳思妤") == {"大衣控", "送禮"}


def test_a_row_with_no_name_of_a_tag_is_handed_back() -> None:
    job = run(job_of(f"姓名,手機,標籤\n陳思妤,0912000001,{'字' * 31}\n"))
    (remark,) = job.remarks.all()
    assert (job.rejected, remark.field) == (1, "tags")
    assert not Member.objects.exists()


def test_an_archived_tag_is_said_and_not_given() -> None:
    Tag.objects.create(name="vip", archived_at=clock.now())
    job = run(job_of())
    assert (job.rejected, job.warned) == (0, 1)
    assert tags_of("王小明") == {"送禮"}


def test_who_may_not_replace_is_refused() -> None:
    clerk = make.staff("行銷", role=Staff.Role.MARKETING)
    job = job_of(replaces_tags="yes")
    for verb in (imports.check, imports.start):
        with pytest.raises(Refused) as caught:
            verb(job, by=clerk, now=clock.now())
        assert caught.value.code == "import_permission"
    imports.start(job_of(), by=clerk, now=clock.now())
