"""What is wrong with a cell, in a sentence for whoever sent the file."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

SENTENCES = {
    "scientific": gettext_lazy(
        "試算表把數字改成了科學記號（如 9.1E+08），請把這欄設成「文字」再存檔"
    ),
    "fraction": gettext_lazy("要是整數，不能有小數"),
    "number": gettext_lazy("不是數字"),
    "day": gettext_lazy("看不出日期，請寫成 2026/3/5 或民國 115/3/5"),
    "year": gettext_lazy("年份不合理"),
    "calendar": gettext_lazy("月曆上沒有這一天"),
    "clock": gettext_lazy("時間不對，請寫成 14:05"),
    "flag": gettext_lazy("請填「是」或「否」"),
    "missing": gettext_lazy("必填，但這列是空的"),
    "phone": gettext_lazy("不是有效的電話號碼"),
    "choice": gettext_lazy("不是認得的選項"),
}


def why(code: str, raw: str) -> str:
    """Return the sentence for the code, with what the cell held."""
    sentence = str(SENTENCES[code])
    if not raw:
        return sentence
    return _("「%(raw)s」%(sentence)s") % {"raw": raw[:40], "sentence": sentence}
