"""Form fields with label, hint and error in the right places."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import template
from django.forms import (
    BoundField,
    CheckboxInput,
    CheckboxSelectMultiple,
    Form,
    RadioSelect,
)

register = template.Library()


@register.inclusion_tag("ui/field.html")
def field(
    bound: BoundField,
    hint: str | None = None,
    *,
    label: str = "",
    placeholder: str = "",
) -> dict[str, Any]:
    """A form field with its label, hint and error in the right places.

    Without `hint` the field's own help text is shown; an empty one shows none.
    """
    said = bound.help_text if hint is None else hint
    widget = bound.field.widget
    shape = "input"
    if isinstance(widget, CheckboxInput):
        shape = "check"
    elif isinstance(widget, RadioSelect | CheckboxSelectMultiple):
        shape = "options"
    told = f"{bound.auto_id}-told"
    attrs: dict[str, Any] = {"class": _classes(widget.attrs, shape)}
    if "placeholder" in widget.attrs or placeholder:
        attrs["placeholder"] = placeholder
    if said or bound.errors:
        attrs["aria-describedby"] = told
    if bound.errors:
        attrs["aria-invalid"] = "true"
    return {
        "bound": bound,
        "shape": shape,
        "told": told,
        "label": label or bound.label,
        "hint": said,
        "control": bound.as_widget(attrs=attrs) if shape != "options" else "",
    }


def _classes(attrs: Mapping[str, Any], shape: str) -> str:
    own = str(attrs.get("class", ""))
    return f"input {own}".strip() if shape == "input" else own


@register.inclusion_tag("ui/fields.html")
def fields(form: Form) -> dict[str, Any]:
    """All fields of a form, hidden ones and its own errors included."""
    return {"form": form}
