"""The inbox and one conversation: list, thread, customer beside it."""

from __future__ import annotations

from pathlib import Path
from zlib import crc32

from django.http import FileResponse, Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from apps.conversations import reports, services
from apps.conversations.models import Conversation, Message
from apps.core import clock
from apps.desk.frame import frame_of
from apps.messaging import services as messaging
from apps.reports.customers import customer_360
from apps.staff.access import StaffRequest, may
from apps.ui.htmx import page, toast


@require_GET
@may("conversations.open")
def index(request: StaffRequest) -> HttpResponse:
    """List the conversations of the viewer, those who wait first."""
    context = {**_list(request), "frame": frame_of(request.staff)}
    return page(request, "desk/index.html", context, fragment="rows")


@require_GET
@may("conversations.open")
def show(request: StaffRequest, pk: int) -> HttpResponse:
    """Open one conversation beside the list, with the customer's page."""
    conversation = _open(request, pk)
    now = clock.now()
    context = {
        **_list(request, opened=pk),
        **_thread(conversation),
        "frame": frame_of(request.staff),
        "customer": customer_360(conversation.member, now=now),
        "price": messaging.price(
            conversation.account, reply_until=conversation.reply_until, now=now
        ),
        "waited": reports.waited(conversation, now=now),
    }
    return page(request, "desk/show.html", context, fragment="convo")


@require_GET
@may("conversations.open")
def thread(request: StaffRequest, pk: int) -> HttpResponse:
    """Give the bubbles anew, or 204 while nothing changed."""
    context = _thread(_open(request, pk))
    if request.GET.get("stamp") == context["stamp"]:
        return HttpResponse(status=204)
    return page(request, "desk/_thread.html", context)


@require_POST
@may("conversations.open")
def seen(request: StaffRequest, pk: int) -> HttpResponse:
    """Note that the person looked; waiting goes on until somebody answers."""
    services.mark_seen(_open(request, pk), by=request.staff, now=clock.now())
    return HttpResponse(status=204)


@require_http_methods(["POST", "DELETE"])
@may("conversations.reply")
def closing(request: StaffRequest, pk: int) -> HttpResponse:
    """Close the conversation, or open it again."""
    conversation = _open(request, pk)
    if request.method == "POST":
        services.close(conversation, by=request.staff, now=clock.now())
        said = _("已結案")
    else:
        services.reopen(conversation, by=request.staff, now=clock.now())
        said = _("已重新開啟")
    answer = redirect("desk:conversation", pk=pk)
    return toast(_reload(request, answer), said)


@require_POST
@may("conversations.assign")
def assignment(request: StaffRequest, pk: int) -> HttpResponse:
    """Take a conversation over from the pending ones."""
    services.take_over(_open(request, pk), by=request.staff, now=clock.now())
    return _reload(request, redirect("desk:conversation", pk=pk))


@require_GET
@may("conversations.open")
def media(request: StaffRequest, pk: int) -> FileResponse:
    """Serve what the customer sent, to those who may read the conversation."""
    message = get_object_or_404(Message, pk=pk)
    found = services.media_of(message, request.staff)
    if found is None:
        raise Http404
    answer = FileResponse(
        Path(found.path).open("rb"),  # noqa: SIM115  (the response closes it)
        content_type=found.content_type,
        as_attachment=not found.is_inline,
        filename=found.name,
    )
    answer["Cache-Control"] = "private, max-age=3600"
    answer["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return answer


def _open(request: StaffRequest, pk: int) -> Conversation:
    scope = Conversation.objects.visible_to(request.staff)
    return get_object_or_404(
        scope.select_related("account", "member", "staff", "store"), pk=pk
    )


def _list(request: StaffRequest, opened: int | None = None) -> dict[str, object]:
    asked = request.GET
    chosen, search = asked.get("filter", ""), asked.get("q", "").strip()[:60]
    return {
        "inbox": reports.inbox_of(
            request.staff, filter=chosen, search=search, pages=_number(asked, "pages")
        ),
        "chosen": chosen,
        "search": search,
        "opened": opened or _number(asked, "open"),
        "nav": "inbox",
    }


def _number(asked: QueryDict, name: str) -> int:
    """Return the whole number of that name in the address; anything else is 0."""
    text = asked.get(name, "")
    return int(text) if text.isdecimal() and len(text) < 10 else 0


def _thread(conversation: Conversation) -> dict[str, object]:
    messages = reports.thread_of(conversation)
    states = [
        (m.pk, m.delivery and m.delivery.state, m.unsent_at, m.media_state, m.opened)
        for m in messages
    ]
    return {
        "conversation": conversation,
        "thread": messages,
        "stamp": f"{crc32(repr(states).encode()):x}",
    }


def _reload(request: StaffRequest, answer: HttpResponse) -> HttpResponse:
    """Send htmx to the page's address as well: it does not follow a redirect there."""
    if request.headers.get("HX-Request"):
        moved = HttpResponse(status=204)
        moved["HX-Location"] = answer["Location"]
        return moved
    return answer
