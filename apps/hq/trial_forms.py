"""The forms around a draft of HQ's rules: the days to try it on, the day to begin."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.attribution import services as attribution
from apps.core import clock

LAST_MONTH, NINETY, CUSTOM = "last_month", "ninety", "custom"


class PublishForm(forms.Form):
    """From which day on the draft is to hold."""

    effective_on = forms.DateField(
        label=gettext_lazy("生效日"),
        help_text=gettext_lazy("這天 0 時起成立的訂單適用；之前的訂單不會重算。"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={
            "required": gettext_lazy("請選擇生效日"),
            "invalid": gettext_lazy("請填正確的日期"),
        },
    )

    def clean_effective_on(self) -> date:
        """Refuse today and the days before."""
        day: date = self.cleaned_data["effective_on"]
        if day <= clock.today():
            raise forms.ValidationError(_("生效日要在明天以後，已成立的訂單不會重算"))
        return day


def _day_field(label: Any) -> forms.DateField:
    return forms.DateField(
        label=label,
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": gettext_lazy("請填正確的日期")},
    )


class PeriodForm(forms.Form):
    """On which days a draft is to be tried."""

    period = forms.ChoiceField(
        label=gettext_lazy("期間"),
        choices=[
            (LAST_MONTH, gettext_lazy("上個月")),
            (NINETY, gettext_lazy("近 90 天")),
            (CUSTOM, gettext_lazy("自訂")),
        ],
        initial=LAST_MONTH,
        error_messages={"required": gettext_lazy("請選擇期間")},
    )
    since = _day_field(gettext_lazy("從"))
    until = _day_field(gettext_lazy("到"))

    def clean(self) -> dict[str, Any]:
        """Work the days out, and ask for them where they are the person's choice."""
        own: dict[str, Any] = super().clean() or self.cleaned_data
        today = clock.today()
        if own.get("period") == LAST_MONTH:
            last = today.replace(day=1) - timedelta(days=1)
            own |= {"since": last.replace(day=1), "until": last}
        elif own.get("period") == NINETY:
            own |= {"since": today - timedelta(days=89), "until": today}
        else:
            self._check(own.get("since"), own.get("until"), today)
        return own

    def _check(self, since: date | None, until: date | None, today: date) -> None:
        for name, day in (("since", since), ("until", until)):
            if day is None and name not in self.errors:
                self.add_error(name, _("請填日期"))
        if not since or not until:
            return
        if since > until:
            self.add_error("since", _("起日不能晚於迄日"))
        elif until > today:
            self.add_error("until", _("只能到今天"))
        elif (until - since).days >= attribution.LONGEST:
            most = _("最長 %(days)s 天") % {"days": attribution.LONGEST}
            self.add_error("since", most)
