"""How files of members are taken in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.utils.translation import gettext_lazy

from apps.core.text import clean
from apps.imports.cells import Cells
from apps.imports.kinds import Field, Found, Option, Row, Taken
from apps.imports.rules import values
from apps.members.errors import wrong_answer
from apps.members.models import Member
from apps.members.rules.attributes import Wrong
from apps.members.rules.tags import names
from apps.members.services.answers import questions
from apps.members.services.records import MemberIn, Upserted
from apps.members.services.upsert import upsert

GENDERS = {
    word: gender
    for gender, words in {
        Member.Gender.FEMALE: ("女", "女性", "女士", "小姐", "f", "female"),
        Member.Gender.MALE: ("男", "男性", "先生", "m", "male"),
        Member.Gender.OTHER: ("其他", "other", "x"),
    }.items()
    for word in words
}
REFUSED = {
    "phone": gettext_lazy("不是有效的電話號碼"),
    "email": gettext_lazy("不是有效的電子郵件"),
    "gender": gettext_lazy("請填「女」「男」或「其他」"),
    "birthday": gettext_lazy("生日要在今天以前"),
    "registered_at": gettext_lazy("入會時間要在今天以前"),
    "store_code": gettext_lazy("沒有這個門市代號"),
    "staff_code": gettext_lazy("沒有這個店員代號"),
    "posting": gettext_lazy("這位店員今天沒有派駐在這間門市，請一起填門市代號"),
    "tags": gettext_lazy("標籤最多 30 個字，用「；」或「、」分開"),
    "no_key": gettext_lazy("手機、電子郵件、卡號、官網／App／POS 編號至少要有一個"),
}
ATTRIBUTE = "attr:"
REMARKED = {
    "conflict": gettext_lazy("這列的識別資料分屬不同會員，已放進「疑似同一人」待確認"),
    "bound": gettext_lazy("這位會員已經由別的店員服務，綁定沒有更動"),
    "tag_archived": gettext_lazy("有標籤已經封存，沒有加上"),
}
REMOVED = "tags_removed"
TALLIES = {REMOVED: gettext_lazy("移除的標籤")}


class Members:
    """A row a person; known ones are brought up to date, others become members."""

    name = "members"
    label = gettext_lazy("會員")
    options = (
        Option(
            "system",
            gettext_lazy("來源系統"),
            hint=gettext_lazy("官網、App 或 POS 編號是哪個系統的，例如 pos"),
        ),
        Option(
            "stage",
            gettext_lazy("匯入成"),
            default=Member.Stage.REGISTERED,
            choices=tuple(Member.Stage.choices),
        ),
        Option(
            "replaces_tags",
            gettext_lazy("標籤"),
            hint=gettext_lazy(
                "覆寫會移除檔案裡的會員原有、這一列沒寫到的標籤（連同次數），空白列會全部移除；"
                "先試跑看會移除幾個"
            ),
            choices=(
                ("", gettext_lazy("只加上檔案寫的標籤")),
                ("yes", gettext_lazy("覆寫這些會員的全部標籤")),
            ),
            permission="tags.replace",
        ),
    )
    card = (
        Field("name", gettext_lazy("姓名"), ("會員姓名", "顧客姓名", "name")),
        Field(
            "phone",
            gettext_lazy("手機"),
            ("電話", "行動電話", "手機號碼", "phone", "mobile"),
        ),
        Field(
            "email", gettext_lazy("電子郵件"), ("email", "e-mail", "信箱", "電子信箱")
        ),
        Field("card", gettext_lazy("會員卡號"), ("卡號", "會員編號", "card")),
        Field(
            "shop_id", gettext_lazy("官網帳號"), ("官網編號", "顧客編號", "customer id")
        ),
        Field("app_id", gettext_lazy("App 帳號"), ("app id",)),
        Field("pos_id", gettext_lazy("POS 編號"), ("pos id", "pos")),
        Field(
            "line_user_id", gettext_lazy("LINE 使用者編號"), ("line id", "line user id")
        ),
        Field("gender", gettext_lazy("性別"), ("gender", "sex", "稱謂")),
        Field("birthday", gettext_lazy("生日"), ("出生日期", "birthday", "birth date")),
        Field(
            "registered_at",
            gettext_lazy("入會時間"),
            ("入會日", "加入日期", "註冊時間", "建立時間"),
        ),
        Field("store_code", gettext_lazy("門市代號"), ("入會門市", "店號", "store")),
        Field(
            "staff_code",
            gettext_lazy("店員代號"),
            ("服務人員", "店員編號", "業務代號", "staff"),
        ),
        Field(
            "tags",
            gettext_lazy("標籤"),
            ("tags", "tag", "會員標籤"),
            hint=gettext_lazy("多個用「；」或「、」分開；沒有的會新建"),
        ),
        Field("sms", gettext_lazy("同意簡訊行銷"), ("簡訊同意", "sms consent")),
        Field("email_consent", gettext_lazy("同意郵件行銷"), ("電子報", "訂閱電子報")),
    )

    @property
    def fields(self) -> tuple[Field, ...]:
        """Return the columns of the card, and one for each of HQ's own questions."""
        asked = (
            Field(f"{ATTRIBUTE}{each.key}", each.name, (each.key,))
            for each in questions().values()
        )
        return (*self.card, *asked)

    def key(self, row: Row) -> str:
        """Each row stands alone, in the file's order."""
        return ""

    def take(
        self,
        groups: Sequence[Sequence[Row]],
        *,
        options: Mapping[str, str],
        now: datetime,
    ) -> Taken:
        """Bring the members up to the rows."""
        taken = Taken()
        replaces = options.get("replaces_tags") == "yes"
        is_registered = options.get("stage") != "lead"
        sound: list[tuple[Row, MemberIn]] = []
        for group in groups:
            for row in group:
                cells = Cells(row)
                person = _person(cells, is_registered=is_registered, replaces=replaces)
                taken.remarks += cells.problems
                if cells.is_sound:
                    sound.append((row, person))
        answers = upsert(
            [person for _row, person in sound],
            system=options.get("system", ""),
            replaces_tags=replaces,
            now=now,
        )
        for (row, _person_in), answer in zip(sound, answers, strict=True):
            taken.count(answer.status)
            taken.also[REMOVED] += answer.tags_removed
            taken.remarks += _remarks(row, answer)
        return taken


def _tags(row: Row, *, replaces: bool) -> list[str] | None:
    """Return what the row says of tags; an empty cell says something if it replaces."""
    says = row["tags"] or (replaces and "tags" in row.values)
    return names(clean(row["tags"])) if says else None


def _person(cells: Cells, *, is_registered: bool, replaces: bool) -> MemberIn:
    row = cells.row
    phone = cells.read("phone", values.phone)
    gender = values.plain(row["gender"]).lower()
    wishes = {
        channel: cells.read(column, values.flag)
        for channel, column in (("sms", "sms"), ("email", "email_consent"))
    }
    return MemberIn(
        name=row["name"][:60],
        phone=phone or "",
        email=values.plain(row["email"])[:254],
        line_user_id=row["line_user_id"][:40],
        card=values.number_text(row["card"]),
        shop_id=values.number_text(row["shop_id"]),
        app_id=values.number_text(row["app_id"]),
        pos_id=values.number_text(row["pos_id"]),
        gender=GENDERS.get(gender, gender),
        birthday=cells.read("birthday", values.day),
        registered_at=cells.read("registered_at", values.moment),
        is_registered=is_registered,
        store_code=values.number_text(row["store_code"]),
        staff_code=values.number_text(row["staff_code"]),
        tags=_tags(row, replaces=replaces),
        marketing={name: said for name, said in wishes.items() if said is not None},
        attributes={
            name.removeprefix(ATTRIBUTE): said
            for name, said in row.values.items()
            if name.startswith(ATTRIBUTE) and said
        },
    )


def _remarks(row: Row, answer: Upserted) -> list[Found]:
    if answer.field.startswith(ATTRIBUTE):
        said = row[answer.field][:40]
        words = f"「{said}」{wrong_answer(Wrong(answer.code))}"
        return [Found(row.number, answer.field, words)]
    if answer.status == "rejected":
        return [Found(row.number, answer.field, str(REFUSED[answer.code]))]
    if answer.code:
        return [Found(row.number, "", str(REMARKED[answer.code]), is_rejected=False)]
    return []
