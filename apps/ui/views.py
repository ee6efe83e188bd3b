"""The style page, which shows every component in every state; the language switch."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.views.decorators.http import require_GET, require_POST
from django.views.i18n import set_language

from apps.ui import samples
from apps.ui.htmx import page


@require_GET
def style_page(request: HttpRequest) -> HttpResponse:
    """Show every component in every state."""
    form = samples.SampleForm(samples.ENTERED)
    form.is_valid()
    shown = samples.context(request.GET.get("surface", ""))
    return page(request, "ui/style_page.html", {**shown, "form": form})


@require_POST
def language(request: HttpRequest) -> HttpResponseBase:
    """Remember the person's language and go back to the page."""
    return set_language(request)


# `apps.staff.access` declares who may open a page; this floor is below it.
for view in (style_page, language):
    view.permission = "open_to_all"  # type: ignore[attr-defined]
