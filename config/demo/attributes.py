"""What the brand asks of its members beyond the card, and what some of them said."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

from apps.loyalty import services as loyalty
from apps.members import services as members
from apps.members.models import Member
from apps.members.services import AttributeIn, InquiryIn
from apps.staff.models import Staff

STORE = ("manager", "salesperson")
ALL = (*STORE, "customer")
QUESTIONS = (
    AttributeIn(
        "style", "喜歡的風格", "choices", help="可以選好幾個", is_required=True,
        choices=("簡約", "通勤", "休閒", "約會", "復古"), shown_to=ALL, edited_by=ALL,
    ),
    AttributeIn(
        "size", "常穿尺寸", "choice", choices=("XS", "S", "M", "L", "XL"),
        shown_to=ALL, edited_by=ALL,
    ),
    AttributeIn("height", "身高", "number", unit="cm", shown_to=ALL, edited_by=ALL),
    AttributeIn(
        "wedding", "結婚紀念日", "date", shown_to=("customer",), edited_by=("customer",)
    ),
    AttributeIn(
        "tries", "願意先試穿新品", "yes_no", shown_to=STORE, edited_by=STORE
    ),
    AttributeIn(
        "care", "服務注意事項", "text", help="例如：怕羊毛、要開統編", shown_to=STORE,
        edited_by=("manager",),
    ),
)  # fmt: skip
CARES = ("對羊毛過敏", "要開統一編號", "習慣平日下午來", "褲長要改短 3 公分")
ANSWERED = 0.4
INQUIRIES = (
    InquiryIn(
        "蔡小姐", "婚宴洋裝", phone="0937 210 448", note="一月中要穿，想約週末試穿",
        source="ig-bio",
    ),
    InquiryIn(
        "Kevin", "女友的生日禮物", email="kevin@example.com", note="預算 3,000 元",
        source="line-oa",
    ),
    InquiryIn("許太太", "羊毛大衣", phone="0958 331 206", source="flyer-12"),
)  # fmt: skip


def build(random: Random, *, now: datetime) -> None:
    """Declare the questions, let some members answer, and give leads to a person."""
    hq = Staff.objects.filter(role=Staff.Role.ADMIN).earliest("pk")
    for question in QUESTIONS:
        members.declare_attribute(question, by=hq, now=now - timedelta(days=90))
    _answer(random, now=now)
    _inquire(by=hq, now=now)
    loyalty.give_first_steps(now=now)


def _answer(random: Random, *, now: datetime) -> None:
    people = Member.objects.people().filter(stage=Member.Stage.REGISTERED)
    ids = [pk for pk in people.order_by("pk").values_list("pk", flat=True)
           if random.random() < ANSWERED]  # fmt: skip
    answers = {pk: _answers(random) for pk in ids}
    members.set_values(
        answers, by=None, source="member_page", now=now - timedelta(days=20)
    )


def _answers(random: Random) -> dict[str, object]:
    said: dict[str, object] = {
        "style": random.sample(QUESTIONS[0].choices, random.randint(1, 3)),
        "size": random.choice(QUESTIONS[1].choices),
    }
    if random.random() < 0.5:
        said["height"] = random.randint(150, 178)
    if random.random() < 0.2:
        said["wedding"] = f"20{random.randint(10, 24)}-{random.randint(1, 12):02}-20"
    if random.random() < 0.3:
        said["tries"] = random.random() < 0.7
    if random.random() < 0.1:
        said["care"] = random.choice(CARES)
    return said


def _inquire(*, by: Staff, now: datetime) -> None:
    """Let some write into the form, and two of them be given to somebody."""
    person = Staff.objects.get(code="lin")
    store = person.postings.latest("starts_on").store
    at = now - timedelta(hours=30)
    asked = [
        members.inquire(each, address="", now=at + timedelta(hours=n))
        for n, each in enumerate(INQUIRIES)
    ]
    given = [each.member_id for each in asked[:2]]
    members.assign_leads(given, person, store, by=by, now=now)
