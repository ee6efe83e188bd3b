"""The wall of phones, and one phone: its chat, what is tapped on it, its browser."""

from urllib.parse import urlencode

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from apps.core import clock
from apps.core.errors import Refused
from apps.simulator import identity
from apps.simulator.access import simulated
from apps.simulator.models import ChatMessage, Fault, OfficialAccount, Person, RichMenu
from apps.simulator.phone import links, stage
from apps.simulator.phone.bubbles import STICKERS
from apps.simulator.services import people
from apps.ui.htmx import page

SHOW = "simulator/phone/show.html"
PLACES = {
    "zhongshan": ("台北中山店", "台北市中山區南京西路 12 號", 25.0526, 121.5202),
    "home": ("我家附近", "台北市大安區和平東路二段 1 號", 25.0262, 121.5434),
}
HUES = 36
ENDPOINTS = ("*", "reply", "push", "multicast", "profile", "content", "webhook")


@simulated
@require_GET
def wall(request: HttpRequest) -> HttpResponse:
    """Show the phones to choose from; `scan` and `next` travel on to the chosen one."""
    words = request.GET.get("q", "").strip()
    carried = {k: request.GET[k] for k in ("scan", "next") if k in request.GET}
    return page(
        request,
        "simulator/wall.html",
        {
            "people": stage.wall(words),
            "accounts": OfficialAccount.objects.order_by("name"),
            "words": words,
            "carried": carried,
            "tail": f"?{urlencode(carried)}" if carried else "",
            "shop_url": reverse("simulator:shop"),
            "brand_url": settings.PUBLIC_URL,
            "orders": Fault.objects.exclude(remaining=0).order_by("pk"),
            "actions": Fault.Action.choices,
            "endpoints": ENDPOINTS,
        },
    )


@simulated
@require_POST
def add_person(request: HttpRequest) -> HttpResponse:
    """Give a new person a phone."""
    name = request.POST.get("name", "").strip()[:100]
    if not name:
        raise Refused("no_name", _("先替這位顧客取個名字。"))
    person = Person.objects.create(name=name, hue=sum(map(ord, name)) % HUES * 10)
    return redirect("simulator:phone", person.user_id)


@simulated
@require_GET
def show(request: HttpRequest, user_id: str) -> HttpResponse:
    """Show a phone: its chat, and the browser over it when a link is open."""
    person = _person(user_id)
    if after := _next(request):
        return identity.hold(redirect(after), person)
    if scanned := request.GET.get("scan"):
        return _opened(person, scanned)
    accounts = stage.accounts_of(person)
    account = _chosen(accounts, request.GET.get("account"))
    response = page(
        request,
        SHOW,
        {
            "person": person,
            "accounts": accounts,
            "chat": stage.chat(account, person) if account else None,
            "typed": request.GET.get("text", ""),
            "open_url": _openable(request.GET.get("open", "")),
            "events": stage.latest_events(person),
            "texts": stage.latest_texts(),
            "stickers": STICKERS,
            "places": PLACES,
            "orders": Fault.objects.exclude(remaining=0).order_by("pk"),
            "actions": Fault.Action.choices,
            "endpoints": ENDPOINTS,
        },
    )
    return identity.hold(response, person)


@simulated
@require_GET
def thread(request: HttpRequest, user_id: str, slug: str) -> HttpResponse:
    """Answer the poll of the open chat: 204 when nothing changed."""
    chat = stage.chat(_account(slug), _person(user_id))
    if request.GET.get("seen") == chat.version:
        return HttpResponse(status=204)
    context = {"chat": chat, "person": chat.person}
    return page(request, "simulator/phone/thread.html", context)


@simulated
@require_GET
def events(request: HttpRequest, user_id: str) -> HttpResponse:
    """Answer with the latest webhooks about the person, for the side panel."""
    person = _person(user_id)
    context = {
        "person": person,
        "events": stage.latest_events(person),
        "texts": stage.latest_texts(),
    }
    return page(request, "simulator/phone/events.html", context)


@simulated
@require_POST
def say(request: HttpRequest, user_id: str, slug: str) -> HttpResponse:
    """Send what was typed, or the chosen picture, sticker or place."""
    account, person, now = _account(slug), _person(user_id), clock.now()
    if picture := request.FILES.get("picture"):
        people.send_picture(account, person, picture.read(), now=now)
    elif body := _message(request):
        people.say(account, person, body, now=now)
    return _back(request, person, account)


@simulated
@require_POST
def act(request: HttpRequest, user_id: str, slug: str) -> HttpResponse:
    """Do a button's action: send its text, or post its data back."""
    account, person, now = _account(slug), _person(user_id), clock.now()
    kind = request.POST.get("type")
    if kind == "message":
        text = request.POST.get("text", "")
        people.say(account, person, {"type": "text", "text": text}, now=now)
    elif kind == "postback":
        action = request.POST.dict()
        people.post_back(account, person, action, now=now)
    return _back(request, person, account)


@simulated
@require_POST
def befriend(request: HttpRequest, user_id: str, slug: str) -> HttpResponse:
    """Add the account as a friend, or unblock it."""
    account, person = _account(slug), _person(user_id)
    people.befriend(account, person, now=clock.now())
    return _back(request, person, account)


@simulated
@require_POST
def block(request: HttpRequest, user_id: str, slug: str) -> HttpResponse:
    """Block the account."""
    account, person = _account(slug), _person(user_id)
    people.block(account, person, now=clock.now())
    return _back(request, person, account)


@simulated
@require_POST
def unsend(request: HttpRequest, user_id: str, message_id: str) -> HttpResponse:
    """Take one's own message back."""
    row = get_object_or_404(
        ChatMessage.objects.select_related("account", "person"),
        message_id=message_id,
        person__user_id=user_id,
    )
    people.unsend(row, now=clock.now())
    return _back(request, row.person, row.account)


@simulated
@require_POST
def scan(request: HttpRequest, user_id: str) -> HttpResponse:
    """Open what a QR code says, as the phone's camera would."""
    return _opened(_person(user_id), request.POST.get("url", "").strip())


@simulated
@require_GET
def browse(request: HttpRequest, user_id: str) -> HttpResponse:
    """Go to the link as this person's phone; the address of the in-app browser."""
    url = _openable(request.GET.get("url", ""))
    if not url:
        raise Http404
    return identity.hold(redirect(url), _person(user_id))


@simulated
@require_GET
def picture(_request: HttpRequest, user_id: str, message_id: str) -> HttpResponse:
    """Show a picture that the person sent."""
    row = get_object_or_404(
        ChatMessage,
        message_id=message_id,
        person__user_id=user_id,
        content__isnull=False,
    )
    return HttpResponse(bytes(row.content.preview), content_type="image/jpeg")


@simulated
@require_GET
def menu_picture(_request: HttpRequest, rich_menu_id: str) -> HttpResponse:
    """Show the picture of a rich menu."""
    menu = get_object_or_404(RichMenu, rich_menu_id=rich_menu_id, image__isnull=False)
    return HttpResponse(bytes(menu.image or b""), content_type=menu.image_type)


@simulated
@require_POST
def order_fault(request: HttpRequest) -> HttpResponse:
    """Order a fault from the small form, or call all of them off."""
    if "clear" in request.POST:
        Fault.objects.all().delete()
    else:
        times = request.POST.get("next", "1")
        Fault.objects.create(
            endpoint=request.POST.get("endpoint") or "*",
            action=Fault.Action(request.POST.get("action", "")),
            remaining=int(times) if times.isdigit() else 1,
        )
    return redirect(_next(request) or "simulator:wall")


def _message(request: HttpRequest) -> dict[str, object] | None:
    if request.POST.get("sticker") in STICKERS:
        return people.sticker(request.POST["sticker"])
    if place := PLACES.get(request.POST.get("place", "")):
        title, address, latitude, longitude = place
        return {
            "type": "location",
            "title": title,
            "address": address,
            "latitude": latitude,
            "longitude": longitude,
        }
    text = request.POST.get("text", "").strip()[:5000]
    return {"type": "text", "text": text} if text else None


def _back(
    request: HttpRequest, person: Person, account: OfficialAccount
) -> HttpResponse:
    """Answer htmx with the chat, a browser without it with the way back to it."""
    if request.headers.get("HX-Request"):
        chat = stage.chat(account, person)
        return page(
            request, "simulator/phone/thread.html", {"chat": chat, "person": person}
        )
    url = reverse("simulator:phone", args=[person.user_id])
    return redirect(f"{url}?{urlencode({'account': account.slug})}")


def _opened(person: Person, url: str) -> HttpResponse:
    if not _openable(url):
        raise Refused(
            "not_a_link", _("這不是可以開啟的網址，要以 http 或 https 開頭。")
        )
    links.remember(person, url)
    return identity.hold(redirect(links.browsing(person, url)), person)


def _openable(url: str) -> str:
    return url if links.is_openable(url) else ""


def _next(request: HttpRequest) -> str:
    given = request.POST.get("next_url") or request.GET.get("next") or ""
    local = url_has_allowed_host_and_scheme(given, {request.get_host()})
    return given if local else ""


def _chosen(
    accounts: list[OfficialAccount], slug: str | None
) -> OfficialAccount | None:
    named = [account for account in accounts if account.slug == slug]
    return next(iter(named or accounts), None)


def _person(user_id: str) -> Person:
    return get_object_or_404(Person, user_id=user_id)


def _account(slug: str) -> OfficialAccount:
    return get_object_or_404(OfficialAccount, slug=slug)
