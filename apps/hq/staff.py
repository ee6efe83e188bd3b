"""HQ's view of the people in the stores: whom they serve and who waits for them."""

from __future__ import annotations

from django.db.models import Count, IntegerField, OuterRef, Prefetch, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpResponse
from django.views.decorators.http import require_GET

from apps.conversations.models import Conversation
from apps.core import clock
from apps.members.models import Binding
from apps.staff.access import StaffRequest, may
from apps.staff.models import Posting, Staff
from apps.ui.htmx import page


@require_GET
@may("hq.staff")
def index(request: StaffRequest) -> HttpResponse:
    """List everybody with store, customers bound and customers waiting."""
    bound = Binding.objects.current().filter(staff=OuterRef("pk"))
    waiting = Conversation.objects.waiting().filter(staff=OuterRef("pk"))
    today = Posting.objects.on(clock.today()).select_related("store")
    people = (
        Staff.objects.visible_to(request.staff)
        .annotate(customers=_count(bound), waiting=_count(waiting))
        .prefetch_related(Prefetch("postings", today, to_attr="today"))
        .order_by("-is_active", "-customers", "code")
    )
    return page(request, "hq/staff/index.html", {"nav": "staff", "people": people})


def _count(rows: QuerySet[Binding] | QuerySet[Conversation]) -> Coalesce:
    counted = rows.order_by().values("staff").annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)
