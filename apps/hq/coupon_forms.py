"""The forms of HQ's coupons: the design, who receives it, its codes, a reason."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.core import clock
from apps.loyalty.models import Coupon, Tier
from apps.members import phones
from apps.members.models import Binding, Member, Tag
from apps.members.querysets import MemberQuerySet
from apps.stores.models import Store

A_PERCENT = 100
LARGEST_FILE = 20 * 1024 * 1024
HUES = [
    (250, gettext_lazy("靛藍")),
    (20, gettext_lazy("柿紅")),
    (150, gettext_lazy("松綠")),
    (40, gettext_lazy("琥珀")),
    (320, gettext_lazy("莓紫")),
]
DAYS = {
    "valid_from_on": "valid_from",
    "valid_until_on": "valid_until",
    "send_from_on": "send_from",
    "send_until_on": "send_until",
}


GIVEN = (
    "kind", "amount", "percent_off", "most", "gift", "minimum", "validity",
    "valid_days", "codes",
)  # fmt: skip


TAGS = ("received_tag", "opened_tag", "redeemed_tag")


def _day(label: Any, hint: Any = "") -> forms.DateField:
    return forms.DateField(
        label=label,
        help_text=hint,
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )


class CouponForm(forms.ModelForm):  # type: ignore[type-arg]  # no generic at run time
    """A coupon's design; days are those of Taipei and the last one counts."""

    percent_off = forms.IntegerField(
        label=gettext_lazy("減幾 %"),
        help_text=gettext_lazy("10 就是 9 折"),
        required=False,
        min_value=1,
        max_value=100,
    )
    channels = forms.MultipleChoiceField(
        label=gettext_lazy("可用通路"),
        choices=Coupon.Channel,
        widget=forms.CheckboxSelectMultiple,
    )
    hue = forms.TypedChoiceField(
        label=gettext_lazy("券面顏色"), choices=HUES, coerce=int
    )
    valid_from_on = _day(gettext_lazy("開始使用"))
    valid_until_on = _day(gettext_lazy("最後使用日"), gettext_lazy("含當天"))
    send_from_on = _day(gettext_lazy("開始發送"))
    send_until_on = _day(gettext_lazy("最後發送日"), gettext_lazy("含當天"))

    class Meta:
        model = Coupon
        fields = [
            "name", "name_en", "note", "note_en", "kind", "amount", "most", "gift",
            "minimum", "is_stackable", "channels", "stores", "categories", "products",
            "validity", "valid_days", "most_issued", "most_used", "most_per_member",
            "most_per_campaign", "most_per_staff_month", "is_for_staff", "claim_word",
            "codes", "barcode", "hue", *TAGS,
        ]  # fmt: skip
        widgets = {
            "note": forms.Textarea(attrs={"rows": 2}),
            "note_en": forms.Textarea(attrs={"rows": 2}),
            "stores": forms.CheckboxSelectMultiple,
            "categories": forms.CheckboxSelectMultiple,
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("amount", "minimum", "most_per_member", "valid_days"):
            self.fields[name].required = False
        coupon = self.instance
        self._offer_tags()
        if coupon.percent:
            self.initial["percent_off"] = coupon.percent // A_PERCENT
        for day, moment in DAYS.items():
            self.initial.setdefault(day, _shown(day, getattr(coupon, moment)))
        if coupon.pk and not coupon.is_draft:
            # What members hold already must stay what they were given.
            for name in GIVEN:
                self.fields[name].disabled = True

    def _offer_tags(self) -> None:
        """Offer what is in use, and what the coupon has already."""
        for name in TAGS:
            chosen = Q(pk=getattr(self.instance, f"{name}_id"))
            field = forms.ModelChoiceField(
                Tag.objects.filter(Q(archived_at=None) | chosen).order_by("name"),
                label=self.fields[name].label,
                empty_label=_("不加"),
                required=False,
            )
            self.fields[name] = field

    def clean(self) -> dict[str, Any]:
        """Bring percent and days into the shape of the row, and check them together."""
        found: dict[str, Any] = super().clean() or {}
        found["amount"] = found.get("amount") or 0
        found["minimum"] = found.get("minimum") or 0
        found["percent"] = (found.get("percent_off") or 0) * A_PERCENT
        found["claim_word"] = re.sub(r"[\s-]", "", found.get("claim_word", "")).upper()
        for day, moment in DAYS.items():
            found[moment] = _moment(day, found.get(day))
        self._gives_something(found)
        self._ends_after_it_starts(found)
        return found

    def _gives_something(self, found: dict[str, Any]) -> None:
        wanted = {"amount": "amount", "percent": "percent_off", "gift": "gift"}
        name = wanted.get(found.get("kind", ""), "")
        if name and not found.get(name) and name not in self.errors:
            self.add_error(name, _("請填這張券給多少"))
        counts = found.get("validity") != Coupon.Validity.FIXED
        if counts and not found.get("valid_days") and "valid_days" not in self.errors:
            self.add_error("valid_days", _("請填有效天數"))

    def _ends_after_it_starts(self, found: dict[str, Any]) -> None:
        for start, end, name in (
            ("valid_from", "valid_until", "valid_until_on"),
            ("send_from", "send_until", "send_until_on"),
        ):
            first, last = found.get(start), found.get(end)
            if first and last and last <= first:
                said = _("結束日期不能早於開始日期 %(day)s")
                day = f"{first.astimezone(clock.TAIPEI):%Y/%m/%d}"
                self.add_error(name, said % {"day": day})

    def changes(self) -> dict[str, Any]:
        """Return the columns of the row, without the stores and goods."""
        apart = {"stores", "categories", "products", "percent_off", *DAYS}
        return {
            name: value
            for name, value in self.cleaned_data.items()
            if name not in apart
        }

    def relations(self) -> dict[str, Any]:
        """Return the stores and goods it is good for."""
        names = ("stores", "categories", "products")
        return {name: self.cleaned_data[name] for name in names}

    def drawn(self) -> Coupon:
        """Return the coupon as typed so far, for the preview; nothing is saved."""
        self.is_valid()
        typed = Coupon(pk=None, name=self.data.get("name", ""))
        for name, value in self.changes().items():
            if name != "percent" or value:
                setattr(typed, name, value)
        return typed


class AudienceForm(forms.Form):
    """To whom a coupon is handed out; what is named together must all hold."""

    tag = forms.ModelChoiceField(
        Tag.objects.kept(), label=gettext_lazy("標籤"), required=False,
        empty_label=gettext_lazy("不限"),
    )  # fmt: skip
    tier = forms.ModelChoiceField(
        Tier.objects.all(), label=gettext_lazy("等級"), required=False,
        empty_label=gettext_lazy("不限"),
    )  # fmt: skip
    store = forms.ModelChoiceField(
        Store.objects.all(), label=gettext_lazy("綁定門市"), required=False,
        empty_label=gettext_lazy("不限"),
    )  # fmt: skip
    people = forms.CharField(
        label=gettext_lazy("名單"),
        help_text=gettext_lazy("會員編號或手機，一行一位"),
        widget=forms.Textarea(attrs={"rows": 3}),
        required=False,
        max_length=2_000_000,
    )
    everybody = forms.BooleanField(label=gettext_lazy("發給全部會員"), required=False)

    def clean(self) -> dict[str, Any]:
        """Ask for at least one condition."""
        found: dict[str, Any] = super().clean() or {}
        if not any(found.values()):
            raise forms.ValidationError(_("選擇要發給誰"))
        return found

    def members(self) -> MemberQuerySet:
        """Return whom the conditions name."""
        chosen = self.cleaned_data
        found = Member.objects.filter(stage=Member.Stage.REGISTERED)
        if chosen["tag"]:
            found = found.filter(tags=chosen["tag"])
        if chosen["tier"]:
            found = found.filter(standing__tier=chosen["tier"])
        if chosen["store"]:
            bonds = Binding.objects.current().filter(store=chosen["store"])
            found = found.filter(pk__in=bonds.values("member"))
        if chosen["people"].strip():
            numbers, mobiles = _named(chosen["people"])
            found = found.filter(number__in=numbers) | found.filter(phone__in=mobiles)
        return found.order_by("pk")


class CodesForm(forms.Form):
    """A pack of codes as a file, one a line."""

    file = forms.FileField(
        label=gettext_lazy("序號檔"),
        help_text=gettext_lazy("CSV 或 TXT，一行一組，最多一百萬組"),
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,text/plain,text/csv"}),
    )

    def clean_file(self) -> UploadedFile[bytes]:
        """Refuse what is too large."""
        file: UploadedFile[bytes] = self.cleaned_data["file"]
        if (file.size or 0) > LARGEST_FILE:
            raise forms.ValidationError(_("檔案超過 20 MB"))
        return file

    def lines(self) -> Iterator[str]:
        """Yield the lines, read as UTF-8 or else as Big5."""
        raw = self.cleaned_data["file"].read()
        try:
            words = raw.decode("utf-8-sig")
        except UnicodeDecodeError:
            words = raw.decode("big5", "replace")
        yield from words.splitlines()


class ReasonForm(forms.Form):
    """Why something is taken back."""

    reason = forms.CharField(label=gettext_lazy("理由"), max_length=200)


def _shown(name: str, moment: datetime | None) -> date | None:
    if moment is None:
        return None
    until = "until" in name
    return clock.day_of(moment - timedelta(microseconds=1) if until else moment)


def _moment(name: str, day: date | None) -> datetime | None:
    if day is None:
        return None
    return clock.end_of(day) if "until" in name else clock.start_of(day)


def _named(words: str) -> tuple[set[str], set[str]]:
    """Return the member numbers and the phones of a list."""
    numbers: set[str] = set()
    mobiles: set[str] = set()
    for line in words.splitlines():
        said = line.strip().replace(" ", "")
        phone = phones.parsed(said)
        if phone:
            mobiles.add(phone)
        elif said:
            numbers.add(said)
    return numbers, mobiles
