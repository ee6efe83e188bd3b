"""The salesperson's own customers: find one, know one."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.db.models import F, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_GET

from apps.attribution.reports.browsing import browsing_of
from apps.conversations.models import Conversation
from apps.core import clock
from apps.core.errors import Refused
from apps.members import phones
from apps.members import services as member_services
from apps.members.models import Member
from apps.members.querysets import MemberQuerySet
from apps.members.reports import attribute_sheet, note_lines
from apps.members.reports.tags import tag_card
from apps.reports.customers import customer_360
from apps.reports.rights import rights_of
from apps.staff.access import StaffRequest, may
from apps.ui.htmx import page

A_PAGE = 30
SORTS = {
    "recent": F("facts__last_order_at").desc(nulls_last=True),
    "spend": F("facts__spend_12m").desc(nulls_last=True),
    "new": F("created_at").desc(),
}


@require_GET
@may("helper.open")
def index(request: StaffRequest) -> HttpResponse:
    """List the customers the person serves, to search and to sort."""
    search = request.GET.get("q", "").strip()[:60]
    sort = request.GET.get("sort", "recent")
    sort = sort if sort in SORTS else "recent"
    found = matching(Member.objects.visible_to(request.staff), search)
    rows = found.select_related("facts", "standing__tier").order_by(SORTS[sort], "-pk")
    context = {
        "nav": "customers",
        "search": search,
        "sort": sort,
        "rows": Paginator(rows, A_PAGE).get_page(request.GET.get("page")),
    }
    return page(request, "helper/customers.html", context, fragment="rows")


@require_GET
@may("helper.open")
def show(request: StaffRequest, pk: int) -> HttpResponse:
    """Show one customer's page."""
    scope = Member.objects.visible_to(request.staff).distinct()
    member = get_object_or_404(scope, pk=pk)
    now = clock.now()
    context = {
        "nav": "customers",
        "customer": customer_360(member, now=now, purchases=20),
        "rights": rights_of(member, now=now),
        "browsing": browsing_of(member),
        "attributes": attribute_sheet(
            member, audience=member_services.audience_of(request.staff)
        ),
        "notes": note_lines(member, viewer=request.staff, now=now),
        "tagging": tag_card(member),
        "conversation": Conversation.objects.visible_to(request.staff)
        .filter(member=member)
        .first(),
    }
    return page(request, "helper/customer.html", context)


def matching(members: MemberQuerySet, search: str) -> MemberQuerySet:
    """Keep those with the name, nickname or phone; a whole number finds the member."""
    if not search:
        return members
    match = Q(name__icontains=search) | Q(nickname__icontains=search)
    try:
        match |= Q(phone=phones.normal(search))
    except Refused:
        digits = "".join(filter(str.isdigit, search))
        if len(digits) >= 3:
            match |= Q(phone__contains=digits.removeprefix("0")) | Q(number=digits)
    return members.filter(match)
