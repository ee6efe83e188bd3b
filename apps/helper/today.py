"""The first page: who needs the salesperson now, then how the month goes."""

from django.http import HttpResponse
from django.views.decorators.http import require_GET

from apps.commissions import reports as commissions
from apps.core import clock
from apps.helper.todos import todos_of
from apps.staff.access import StaffRequest, may
from apps.staff.models import Posting
from apps.ui.htmx import page

GROUPS = ("", "reply", "outreach")


@require_GET
@may("helper.open")
def today(request: StaffRequest) -> HttpResponse:
    """Show today's to-dos and the month so far."""
    now = clock.now()
    todos = todos_of(request.staff, now=now)
    chosen = request.GET.get("group", "")
    posting = (
        Posting.objects.on(clock.day_of(now))
        .filter(staff=request.staff)
        .select_related("store")
        .order_by("-is_main")
        .first()
    )
    context = {
        "nav": "today",
        "now": now,
        "todos": [todo for todo in todos if chosen in {"", todo.group}],
        "total": len(todos),
        "counted": {
            group: sum(todo.group == group for todo in todos) for group in GROUPS[1:]
        },
        "chosen": chosen if chosen in GROUPS else "",
        "store": posting.store if posting else None,
        "month": commissions.month_of(request.staff, clock.month_of(now), now=now),
    }
    return page(request, "helper/today.html", context, fragment=("board", "todos"))
