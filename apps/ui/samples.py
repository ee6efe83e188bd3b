"""What the style page shows: believable figures of an invented brand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.core import clock
from apps.ui.pictures import FACES, PRODUCT_ARTS, PRODUCT_HUES, face_picture
from apps.ui.pictures import product_picture as picture

COLOURS = [
    "paper",
    "surface",
    "surface-2",
    "surface-3",
    "line",
    "line-strong",
    "ink",
    "ink-2",
    "ink-3",
    "brand",
    "brand-soft",
    "accent",
    "accent-soft",
    "ok",
    "ok-soft",
    "warn",
    "warn-soft",
    "bad",
    "bad-soft",
    "c1",
    "c2",
    "c3",
    "c4",
    "c5",
    "c6",
]

ICONS = [
    "home",
    "chart",
    "users",
    "user",
    "filter",
    "send",
    "mega",
    "split",
    "inbox",
    "store",
    "badge",
    "gear",
    "search",
    "cal",
    "down",
    "right",
    "left",
    "up",
    "export",
    "plus",
    "x",
    "check",
    "more",
    "chat",
    "bag",
    "cart",
    "ticket",
    "qr",
    "scan",
    "box",
    "cake",
    "repeat",
    "clock",
    "note",
    "bolt",
    "image",
    "link",
    "info",
    "alert",
    "eye",
    "tag",
    "coin",
    "truck",
    "phone",
    "shield",
    "swap",
    "lock",
    "moon",
    "sun",
    "globe",
    "out",
    "key",
    "star",
    "trash",
    "copy",
    "pin",
    "edit",
    "gift",
    "attach",
    "bell",
]


@dataclass(frozen=True)
class Surface:
    """One of the three kinds of page, with its density and its own styles."""

    key: str
    name: Promise
    touch: bool
    sheets: tuple[str, ...]
    template: str


SURFACES = (
    Surface(
        key="hq",
        name=gettext_lazy("總部"),
        touch=False,
        sheets=("css/hq.css", "css/credit.css", "css/segment.css"),
        template="ui/style/hq.html",
    ),
    Surface(
        key="helper",
        name=gettext_lazy("店員幫手"),
        touch=True,
        sheets=("css/helper.css",),
        template="ui/style/helper.html",
    ),
    Surface(
        key="member",
        name=gettext_lazy("會員"),
        touch=True,
        sheets=("css/customer.css",),
        template="ui/style/member.html",
    ),
)

ENTERED = {
    "name": "感恩週 300 元券",
    "ends_on": "2026/11/20",
    "with_points": "on",
    "pickup": "store",
    "kind": "amount",
}


class SampleForm(forms.Form):
    """A coupon's form with one field filled wrongly."""

    name = forms.CharField(
        label=gettext_lazy("優惠券名稱"),
        help_text=gettext_lazy("顧客會看到，最多 20 字"),
    )
    ends_on = forms.CharField(label=gettext_lazy("使用期限"))
    kind = forms.ChoiceField(
        label=gettext_lazy("折抵方式"),
        choices=[
            ("amount", gettext_lazy("折抵金額")),
            ("share", gettext_lazy("打折")),
        ],
    )
    pickup = forms.ChoiceField(
        label=gettext_lazy("怎麼收到"),
        choices=[
            ("store", gettext_lazy("門市取貨")),
            ("home", gettext_lazy("宅配到府")),
        ],
        widget=forms.RadioSelect,
    )
    with_points = forms.BooleanField(
        label=gettext_lazy("可與點數併用"),
        help_text=gettext_lazy("選填，之後可以改"),
        required=False,
    )

    def clean_ends_on(self) -> str:
        """Refuse, so that the page shows an error."""
        raise ValidationError(_("結束日期要晚於開始日期 11/23"))


def context(surface: str) -> dict[str, Any]:
    """Gather what the templates cannot write by themselves, for one surface."""
    now = clock.now()
    known = {each.key: each for each in SURFACES}
    return {
        "surfaces": SURFACES,
        "surface": known.get(surface, SURFACES[0]),
        "colours": COLOURS,
        "icons": ICONS,
        "trend": [62, 60, 66, 64, 70, 69, 74, 78],
        "fall": [43, 43, 42, 42, 41, 42, 41, 41],
        "parts": [132, 102, 84, 75, 80],
        "waiting_since": now - timedelta(minutes=12),
        "moments": [now - timedelta(seconds=20), now - timedelta(minutes=12)]
        + [now - timedelta(days=days) for days in (1, 3, 30)],
        "days": _daily_sales(),
        "pictures": [picture(art, hue) for art in PRODUCT_ARTS for hue in PRODUCT_HUES],
        "faces": [face_picture(seed) for seed in range(FACES)],
    }


def _daily_sales() -> list[dict[str, Any]]:
    """Fourteen days of sales by channel, higher at the weekend."""
    days = []
    for back in range(14, 0, -1):
        day = clock.today() - timedelta(days=back)
        factor = 5 if day.weekday() in (5, 6) else 4
        wave = (back * 37) % 11
        days.append(
            {
                "day": day,
                "store": 70_000 * factor + 9_000 * wave,
                "assisted": 26_000 * factor + 5_000 * wave,
                "own": 14_000 * factor + 3_000 * (wave % 5),
            }
        )
    return days
