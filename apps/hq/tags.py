"""HQ's tags: the list with its figures, and make, revise, merge, archive each."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from apps.core import clock
from apps.core.errors import Refused
from apps.hq.paging import leaf
from apps.loyalty.models import Coupon
from apps.members import services as members
from apps.members.models import Tag
from apps.staff.access import StaffRequest, may
from apps.ui.htmx import go, page, toast

MOST_DAYS = 3_650


class TagForm(forms.Form):
    """A tag's name and how long it stays."""

    name = forms.CharField(label=gettext_lazy("標籤"), max_length=30)
    days = forms.IntegerField(
        label=gettext_lazy("幾天後到期"),
        help_text=gettext_lazy("從最後一次加上起算；空白就是不會到期"),
        required=False,
        min_value=1,
        max_value=MOST_DAYS,
    )
    applies_to_holders = forms.BooleanField(
        label=gettext_lazy("現在有這個標籤的會員也照這個天數重算"), required=False
    )


@require_GET
@may("members.tag")
def index(request: StaffRequest) -> HttpResponse:
    """List the tags with how many have each, by name."""
    tab, search = request.GET.get("tab", ""), request.GET.get("q", "").strip()[:30]
    found = Tag.objects.kept().filter(archived_at__isnull=tab != "archived")
    if search:
        found = found.filter(name__icontains=search)
    context = {
        "nav": "tags",
        "tab": tab,
        "search": search,
        "rows": leaf(request, found.with_figures().order_by("name")),
    }
    return page(request, "hq/tags/index.html", context, fragment="rows")


@require_http_methods(["GET", "POST"])
@may("tags.design")
def new(request: StaffRequest) -> HttpResponse:
    """Make a tag."""
    form = TagForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            tag = members.make_tag(
                said["name"], days=said["days"], by=request.staff, now=clock.now()
            )
            return go(request, reverse("hq:tag", args=[tag.pk]))
        except Refused as refused:
            form.add_error("name", refused.message)
    context = {"nav": "tags", "form": form}
    return page(
        request, "hq/tags/new.html", context, status=422 if form.is_bound else 200
    )


@require_GET
@may("members.tag")
def show(request: StaffRequest, pk: int) -> HttpResponse:
    """Show a tag: how many have it, what gives it, and what may be done with it."""
    return _show(request, _tag(pk))


@require_POST
@may("tags.design")
def edit(request: StaffRequest, pk: int) -> HttpResponse:
    """Rename it, or change how long it stays."""
    tag, form = _tag(pk), TagForm(request.POST)
    if not form.is_valid():
        return _show(request, tag, form=form)
    try:
        members.revise_tag(tag, by=request.staff, now=clock.now(), **form.cleaned_data)
    except Refused as refused:
        form.add_error("name", refused.message)
        return _show(request, tag, form=form)
    return toast(go(request, reverse("hq:tag", args=[pk])), _("已儲存"))


@require_http_methods(["GET", "POST"])
@may("tags.design")
def merge(request: StaffRequest, pk: int) -> HttpResponse:
    """Tell how many members a merge would touch, and do it."""
    tag = _tag(pk)
    sent = request.POST if request.method == "POST" else request.GET
    chosen = sent.get("into", "")
    others = Tag.objects.offered().exclude(pk=pk)
    context: dict[str, Any] = {"nav": "tags", "tag": tag, "others": others}
    if not chosen.isdecimal():
        return page(request, "hq/tags/merge.html", context)
    into = get_object_or_404(others, pk=int(chosen))
    if request.method == "GET":
        context |= {"into": into, "preview": members.preview_tag_merge(tag, into)}
        return page(request, "hq/tags/merge.html", context, fragment="preview")
    count = members.merge_tags(tag, into, by=request.staff, now=clock.now())
    said = ngettext("已併入，%(count)s 位會員", "已併入，%(count)s 位會員", count)
    back = go(request, reverse("hq:tag", args=[into.pk]))
    return toast(back, said % {"count": f"{count:,}"})


@require_POST
@may("tags.design")
def archive(request: StaffRequest, pk: int) -> HttpResponse:
    """Offer it no more, or again."""
    verb, said = members.archive_tag, _("已封存")
    if request.POST.get("act") == "restore":
        verb, said = members.restore_tag, _("已恢復")
    verb(_tag(pk), by=request.staff, now=clock.now())
    return toast(go(request, reverse("hq:tag", args=[pk])), said)


def _tag(pk: int) -> Tag:
    return get_object_or_404(Tag.objects.kept(), pk=pk)


def _show(
    request: StaffRequest, tag: Tag, *, form: TagForm | None = None
) -> HttpResponse:
    giving = Q(received_tag=tag) | Q(opened_tag=tag) | Q(redeemed_tag=tag)
    context = {
        "nav": "tags",
        "tag": Tag.objects.with_figures().get(pk=tag.pk),
        "form": form or TagForm(initial={"name": tag.name, "days": tag.days}),
        "former": tag.former.order_by("name"),
        "coupons": Coupon.objects.filter(giving),
    }
    return page(request, "hq/tags/show.html", context, status=422 if form else 200)
