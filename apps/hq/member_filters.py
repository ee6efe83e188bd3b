"""What HQ's list of members may be narrowed by; all of it stands in the address."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy

from apps.core import clock
from apps.core.errors import Refused
from apps.loyalty.models import Tier
from apps.members import phones
from apps.members.models import Binding, Identity, Member, Tag
from apps.members.querysets import MemberQuerySet
from apps.members.services import card_number
from apps.staff.access import StaffRequest
from apps.staff.models import Staff
from apps.stores.models import Store

BOUND = [
    ("", gettext_lazy("綁定與否")),
    ("yes", gettext_lazy("已綁定")),
    ("no", gettext_lazy("未綁定")),
]
SOURCES = [
    ("", gettext_lazy("全部來源")),
    ("qr", gettext_lazy("掃店員 QR")),
    ("line", gettext_lazy("LINE 好友")),
    ("pos", gettext_lazy("門市 POS")),
    ("web", gettext_lazy("官網")),
    ("app", "App"),
    ("form", gettext_lazy("表單")),
    ("hq", gettext_lazy("總部建立")),
    ("import", gettext_lazy("匯入")),
    ("api", "API"),
]
LAST_ORDER = [
    ("", gettext_lazy("上次消費")),
    ("30", gettext_lazy("30 天內消費")),
    ("90", gettext_lazy("90 天內消費")),
    ("-90", gettext_lazy("超過 90 天沒消費")),
    ("-180", gettext_lazy("超過 180 天沒消費")),
    ("never", gettext_lazy("從未消費")),
]


class Filters(forms.Form):
    """What the list may be narrowed by; a filter that makes no sense is left out."""

    q = forms.CharField(required=False, max_length=60)
    stage = forms.ChoiceField(
        choices=[("", gettext_lazy("全部階段")), *Member.Stage.choices], required=False
    )
    tier = forms.ModelChoiceField(
        Tier.objects.all(), required=False, empty_label=gettext_lazy("全部等級")
    )
    store = forms.ModelChoiceField(
        Store.objects.all(), required=False, empty_label=gettext_lazy("全部門市")
    )
    staff = forms.ModelChoiceField(
        Staff.objects.serving().order_by("name"),
        required=False,
        empty_label=gettext_lazy("全部店員"),
    )
    bound = forms.ChoiceField(choices=BOUND, required=False)
    source = forms.ChoiceField(choices=SOURCES, required=False)
    tag = forms.ModelChoiceField(
        Tag.objects.kept().order_by("name"),
        required=False,
        empty_label=gettext_lazy("全部標籤"),
    )
    # Of the tag: given at least so often, within so many days.
    times = forms.IntegerField(required=False, min_value=1, max_value=9_999)
    within = forms.IntegerField(required=False, min_value=1, max_value=731)
    last = forms.ChoiceField(choices=LAST_ORDER, required=False)

    def narrow(self, found: MemberQuerySet, *, now: datetime) -> MemberQuerySet:
        """Keep the members that fit."""
        self.is_valid()
        chosen = {name: value for name, value in self.cleaned_data.items() if value}
        plain = {"stage": "stage", "tier": "standing__tier", "source": "entry"}
        found = found.filter(
            **{plain[name]: chosen[name] for name in plain if name in chosen}
        )
        if "tag" in chosen:
            found = found.tagged(
                chosen["tag"],
                times=chosen.get("times", 1),
                since=_since(chosen.get("within"), now),
            )
        if "last" in chosen:
            found = found.filter(_last_order(chosen["last"], now))
        return matching(_bound(found, chosen), chosen.get("q", "").strip())

    @property
    def is_narrowed(self) -> bool:
        """Tell whether anything was chosen."""
        self.is_valid()
        return any(self.cleaned_data.values())


def narrowed(request: StaffRequest) -> tuple[Filters, MemberQuerySet]:
    """Return what the address narrows by, and the members whom the viewer may see."""
    filters = Filters(request.GET)
    seen = Member.objects.visible_to(request.staff)
    return filters, filters.narrow(seen, now=clock.now())


def _since(days: int | None, now: datetime) -> date | None:
    """Return the first of so many days, today the last; None for ever."""
    return None if days is None else clock.day_of(now) - timedelta(days=days - 1)


def _bound(found: MemberQuerySet, chosen: dict[str, Any]) -> MemberQuerySet:
    current = Binding.objects.current().filter(member=OuterRef("pk"))
    slot = {name: chosen[name] for name in ("store", "staff") if name in chosen}
    if slot:
        found = found.filter(Exists(current.filter(**slot)))
    if "bound" in chosen:
        bound = Exists(current)
        found = found.filter(bound if chosen["bound"] == "yes" else ~bound)
    return found


def _last_order(chosen: str, now: datetime) -> Q:
    if chosen == "never":
        return Q(facts=None) | Q(facts__last_order_at=None)
    edge = now - timedelta(days=abs(int(chosen)))
    if chosen.startswith("-"):
        return Q(facts__last_order_at__lt=edge)
    return Q(facts__last_order_at__gte=edge)


def matching(found: MemberQuerySet, search: str) -> MemberQuerySet:
    """Keep those with the name, phone, e-mail, card or number, through any merge."""
    if not search:
        return found
    number = search.replace(" ", "")
    keys = Q(kind=Identity.Kind.CARD, value=card_number(search)) | Q(
        kind=Identity.Kind.EMAIL, value=search.lower()
    )
    with suppress(Refused):
        keys |= Q(kind=Identity.Kind.PHONE, value=phones.normal(search))
    ids = Identity.objects.filter(keys, account=None).values("member")
    aliases = Member.objects.filter(number=number, merged_into__isnull=False)
    match = (
        Q(name__icontains=search)
        | Q(nickname__icontains=search)
        | Q(number=number)
        | Q(pk__in=ids)
        | Q(pk__in=aliases.values("merged_into"))
    )
    if "@" in search:
        match |= Q(email__iexact=search)
    with suppress(Refused):
        match |= Q(phone=phones.normal(search))
    return found.filter(match)
