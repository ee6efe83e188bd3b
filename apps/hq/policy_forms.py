"""The form of a draft of HQ's rules of credit: which classes stand in which order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.attribution import words
from apps.attribution.models import PolicyDraft
from apps.attribution.rules import Policy as Ladder
from apps.attribution.rules.policy import (
    BINDING,
    BOOKING,
    CART,
    CHAT,
    CLASSES,
    CLICKED,
    HOUSE,
    LINK,
    POS_SELLER,
    SENT,
    WINDOWS,
    WINNER,
)
from apps.core.money import WHOLE

MOST_DAYS = 365
UP = "up"
CHOSEN = CLASSES[:-1]  # the house always stands last
A_PERCENT = WHOLE // 100

DAYS = {
    CART: gettext_lazy("代客購物車的有效天數"),
    LINK: gettext_lazy("推廣連結的有效天數"),
    CHAT: gettext_lazy("對話協助的有效天數"),
    BOOKING: gettext_lazy("預約服務的有效天數"),
}
STARTS = {
    CART: gettext_lazy("店員放入購物車"),
    CHAT: gettext_lazy("店員回覆"),
    BOOKING: gettext_lazy("服務完成"),
}


@dataclass(frozen=True)
class RungFields:
    """A class in the form, with the fields that are its own."""

    basis: str
    label: str
    use: BoundField
    days: BoundField | None
    begins: str  # from what the days count, where there is no choice
    start: BoundField | None
    product_first: BoundField | None
    is_first: bool
    is_last: bool


def _days_field(label: Any) -> forms.IntegerField:
    return forms.IntegerField(
        label=label,
        min_value=1,
        max_value=MOST_DAYS,
        widget=forms.NumberInput(attrs={"class": "input"}),
        error_messages={
            "required": gettext_lazy("請填天數"),
            "invalid": gettext_lazy("天數要是整數"),
            "min_value": gettext_lazy("最少 1 天"),
            "max_value": gettext_lazy("最多 365 天"),
        },
    )


def _percent_field(label: Any) -> forms.IntegerField:
    return forms.IntegerField(
        label=label,
        min_value=1,
        max_value=100,
        required=False,
        widget=forms.NumberInput(attrs={"class": "input"}),
        error_messages={
            "invalid": gettext_lazy("比例要是整數"),
            "min_value": gettext_lazy("最少 1%"),
            "max_value": gettext_lazy("最多 100%"),
        },
    )


def _check_field(label: Any, help_text: Any = "") -> forms.BooleanField:
    return forms.BooleanField(label=label, help_text=help_text, required=False)


class RulesForm(forms.Form):
    """A draft's rules; the house always stands last and is no field.

    Each class has a `<class>_used`, and a `<class>_days` where it has a window.
    """

    name = forms.CharField(
        label=gettext_lazy("草案名稱"),
        max_length=40,
        error_messages={"required": gettext_lazy("請替這份草案取個名字")},
    )
    order = forms.CharField(widget=forms.HiddenInput)
    link_start = forms.ChoiceField(
        label=gettext_lazy("起算"),
        choices=[
            (CLICKED, gettext_lazy("顧客點擊時")),
            (SENT, gettext_lazy("店員傳送時")),
        ],
        widget=forms.Select(attrs={"class": "input"}),
        error_messages={"required": gettext_lazy("請選擇起算時間")},
    )
    product_first = _check_field(gettext_lazy("同商品的連結優先"))
    exclude_self = _check_field(
        gettext_lazy("排除本人購買"),
        gettext_lazy("買家與店員的手機相同時，那位店員不列入。"),
    )
    exclude_email = _check_field(
        gettext_lazy("電子郵件相同也算本人"),
        gettext_lazy("買家與店員的電子郵件相同時，那位店員不列入。"),
    )
    exclude_address = _check_field(
        gettext_lazy("收件地址相同也算本人"),
        gettext_lazy("訂單寄到店員的住址時，那位店員不列入。"),
    )
    leaver_to_store = _check_field(
        gettext_lazy("離職店員的業績歸門市"),
        gettext_lazy("不勾選時跳過離職的店員，由下一位符合的取得。"),
    )
    shared = _check_field(
        gettext_lazy("一個品項分給兩人"),
        gettext_lazy("預設不分。啟用前請先確認法務意見，例如台灣專利 TWI750471B。"),
    )
    winner_share = _percent_field(gettext_lazy("取得認列的店員"))
    part_share = _percent_field(gettext_lazy("另一位的比例"))
    cooling_off_days = forms.IntegerField(
        label=gettext_lazy("鑑賞期天數"),
        help_text=gettext_lazy("線上訂單付款後，過了這些天分潤才能結算。"),
        min_value=0,
        max_value=90,
        error_messages={
            "required": gettext_lazy("請填天數，沒有鑑賞期就填 0"),
            "invalid": gettext_lazy("天數要是整數"),
            "min_value": gettext_lazy("不能是負數"),
            "max_value": gettext_lazy("最多 90 天"),
        },
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for basis in CHOSEN:
            self.fields[f"{basis}_used"] = forms.BooleanField(required=False)
        for basis, label in DAYS.items():
            self.fields[f"{basis}_days"] = _days_field(label)
        self.fields["part_to"] = forms.ChoiceField(
            label=gettext_lazy("另一位"),
            choices=[
                (basis, words.basis_label(basis))
                for basis in CHOSEN
                if basis != POS_SELLER
            ],
            required=False,
            widget=forms.Select(attrs={"class": "input"}),
        )

    @classmethod
    def of(cls, draft: PolicyDraft) -> RulesForm:
        """Return the form filled with the draft's rules."""
        ladder = Ladder.from_json(draft.rules)
        own = {rung.basis: rung for rung in ladder.rungs}
        link = own.get(LINK)
        shares = {part.to: part.share // A_PERCENT for part in ladder.parts}
        other = next((to for to in shares if to != WINNER), BINDING)
        days = {
            f"{basis}_days": own[basis].days if basis in own else least
            for basis, least in WINDOWS.items()
        }
        return cls(
            initial={
                "name": draft.name,
                "order": ",".join(own),
                **{f"{basis}_used": basis in own for basis in CHOSEN},
                **days,
                "link_start": link.start if link else CLICKED,
                "product_first": link.product_first if link else True,
                "exclude_self": ladder.exclude_self,
                "exclude_email": ladder.exclude_email,
                "exclude_address": ladder.exclude_address,
                "leaver_to_store": ladder.leaver_to_store,
                "shared": bool(shares),
                "winner_share": shares.get(WINNER, 70),
                "part_to": other,
                "part_share": shares.get(other, 30),
                "cooling_off_days": ladder.cooling_off_days,
            }
        )

    def places(self) -> list[str]:
        """Return the classes in the order of the form; unknown ones are left out.

        A class that the order does not name comes where it stands by default.
        """
        wanted = str(self["order"].value() or "").split(",")
        known = [basis for basis in dict.fromkeys(wanted) if basis in CHOSEN]
        for basis in CHOSEN:
            if basis not in known:
                above = [known.index(b) for b in CHOSEN[: CHOSEN.index(basis)]]
                known.insert(max(above, default=-1) + 1, basis)
        return known

    def moved(self, move: str) -> RulesForm:
        """Return the form with one class a place up or down: "link:up"."""
        basis, _colon, way = move.partition(":")
        places = self.places()
        if basis in places:
            at = places.index(basis)
            to = at - 1 if way == UP else at + 1
            if 0 <= to < len(places):
                places[at], places[to] = places[to], places[at]
        typed = {name: self.data.get(name) for name in self.data}
        return RulesForm({**typed, "order": ",".join(places)})

    def rungs(self) -> list[RungFields]:
        """Return the classes in order, each with its own fields."""
        places = self.places()
        return [
            RungFields(
                basis=basis,
                label=words.basis_label(basis),
                use=self[f"{basis}_used"],
                days=self[f"{basis}_days"] if basis in WINDOWS else None,
                begins=str(STARTS.get(basis, "")),
                start=self["link_start"] if basis == LINK else None,
                product_first=self["product_first"] if basis == LINK else None,
                is_first=place == 0,
                is_last=place == len(places) - 1,
            )
            for place, basis in enumerate(places)
        ]

    def clean(self) -> dict[str, Any]:
        """Check how lines are shared out, where they are."""
        own: dict[str, Any] = super().clean() or self.cleaned_data
        if not own.get("shared"):
            return own
        for name in ("winner_share", "part_share"):
            if own.get(name) is None and name not in self.errors:
                self.add_error(name, _("請填比例"))
        if (own.get("winner_share") or 0) + (own.get("part_share") or 0) > 100:
            self.add_error("part_share", _("兩個比例加起來不能超過 100%"))
        if own.get("part_to") and not own.get(f"{own['part_to']}_used"):
            self.add_error("part_to", _("這個認列方式沒有採用，不能分給它"))
        return own

    def rules(self) -> dict[str, Any]:
        """Return the rules as they are stored."""
        own = self.cleaned_data
        classes: list[dict[str, Any]] = [
            {
                "basis": basis,
                "days": own.get(f"{basis}_days"),
                "start": own["link_start"],
                "product_first": own["product_first"],
            }
            for basis in self.places()
            if own[f"{basis}_used"]
        ]
        parts = [
            [WINNER, (own["winner_share"] or 0) * A_PERCENT],
            [own["part_to"], (own["part_share"] or 0) * A_PERCENT],
        ]
        names = ("exclude_self", "exclude_email", "exclude_address", "leaver_to_store")
        return {
            "classes": [*classes, {"basis": HOUSE}],
            **{name: own[name] for name in names},
            "parts": parts if own["shared"] else [],
            "cooling_off_days": own["cooling_off_days"],
        }
