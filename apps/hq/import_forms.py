"""What HQ says of a file that is to be taken in."""

from __future__ import annotations

from collections.abc import Mapping

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.imports import kinds
from apps.imports.kinds import Kind
from apps.imports.models import ImportJob

SUFFIXES = (".csv", ".txt", ".tsv", ".xlsx", ".xls", ".xml")


class UploadForm(forms.Form):
    """A file and what it holds."""

    kind = forms.ChoiceField(label=gettext_lazy("內容"))
    file = forms.FileField(
        label=gettext_lazy("檔案"),
        help_text=gettext_lazy(
            "CSV（UTF-8 或 Big5）或 Excel（.xlsx），第一列是欄位名稱；"
            "商品也收 Google 購物的 XML"
        ),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.txt,.tsv,.xlsx,.xml"}),
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # as Django's
        self.fields["kind"].choices = [  # type: ignore[attr-defined]  # a ChoiceField
            (kind.name, kind.label) for kind in kinds.every()
        ]

    def clean_kind(self) -> Kind:
        """Return the kind itself."""
        return kinds.named(self.cleaned_data["kind"])

    def clean_file(self) -> object:
        """Refuse what is no table before reading any of it."""
        file = self.cleaned_data["file"]
        if not file.name.lower().endswith(SUFFIXES):
            raise forms.ValidationError(
                _("只收 CSV 或 Excel（.xlsx）檔，商品也收 XML 檔")
            )
        return file


def chosen_columns(said: Mapping[str, str], job: ImportJob) -> dict[str, int]:
    """Return the column that was chosen for each field; none for "not in the file"."""
    fields = kinds.named(job.kind).fields
    given = {field.name: said.get(f"column-{field.name}", "") for field in fields}
    return {name: int(place) for name, place in given.items() if place.isdecimal()}


def chosen_options(said: Mapping[str, str], job: ImportJob) -> dict[str, str]:
    """Return what was said of the whole file."""
    options = kinds.named(job.kind).options
    return {
        option.name: said.get(f"option-{option.name}", option.default)
        for option in options
    }
