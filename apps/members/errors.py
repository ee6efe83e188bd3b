"""The refusals that more than one verb of members gives."""

from __future__ import annotations

from django.utils.translation import gettext as _

from apps.core.errors import Refused
from apps.members.rules.attributes import Fault, Wrong
from apps.staff.models import Staff
from apps.stores.models import Store


def inactive(staff: Staff, store: Store) -> Refused:
    """The person does not serve at the store today, or has left."""
    words = _("%(name)s目前不在%(store)s服務，同店的其他人可以幫您。")
    return Refused("inactive", words % {"name": staff.label, "store": store.label})


def wrong_answer(wrong: Wrong) -> str:
    """Say why an answer to one of HQ's questions is not taken."""
    return {
        Wrong.UNKNOWN: _("沒有這個會員欄位"),
        Wrong.FORBIDDEN: _("您不能改這個欄位"),
        Wrong.LONG: _("最多 300 字"),
        Wrong.NUMBER: _("要是數字，最多四位小數"),
        Wrong.DATE: _("看不出日期，請寫成 2026/3/5"),
        Wrong.YES_NO: _("請填「是」或「否」"),
        Wrong.CHOICE: _("沒有這個選項"),
        Wrong.ONE: _("只能選一個"),
    }[wrong]


class Unsound(Refused):
    """An answer is not taken; `field` is the key of its question."""

    def __init__(self, fault: Fault, name: str) -> None:
        words = _("「%(name)s」%(why)s")
        super().__init__(
            fault.wrong, words % {"name": name, "why": wrong_answer(fault.wrong)}
        )
        self.field = fault.key
