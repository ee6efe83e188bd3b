"""Personal tracked links: made, opened, and followed into the shop."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from apps.attribution.models import Click, PromoLink, Touch, new_code
from apps.attribution.rules import agents
from apps.attribution.services.touches import touch
from apps.attribution.services.visitors import note_known_click
from apps.catalog.models import Category, Product
from apps.catalog.services import product_url
from apps.core import live
from apps.core.errors import Refused
from apps.core.text import clean
from apps.members.models import Member
from apps.staff.models import Staff
from apps.stores.models import Store

# The same link sent again within a day is one link, so that its clicks stay together.
REUSED_FOR = timedelta(days=1)
REFERENCE = "rg"
Kind = PromoLink.Kind


@transaction.atomic
def make_link(
    staff: Staff,
    store: Store | None,
    *,
    member: Member | None,
    now: datetime,
    product: Product | None = None,
    category: Category | None = None,
    place: Store | None = None,
    kind: str = "",
    target: str | None = None,
    campaign: str = "",
) -> PromoLink:
    """Return the person's own link to a page of the shop.

    It leads to `target`, else to the page of the product, category or store (`place`),
    else to the shop's front page; `kind` is needed only where the address does not say
    it, as for a cart. One with a member counts as sent now; one without is sent when
    `mark_sent` is told. `campaign` is HQ's word for its own statistics: no credit hangs
    on it. Raises Refused("link_target") for an address outside the shop.
    """
    facts = {"product": product, "category": category, "place": place}
    address = target or _page_of(product, category, place)
    if not is_ours(address):
        raise Refused("link_target", _("這個網址不是自家官網，不能做成推廣連結"))
    about = {
        **facts,
        "kind": kind or _kind_of(product, category, place, address),
        "campaign": clean(campaign, 60),
        "staff": staff,
        "store": store,
        "member": member,
    }
    for link in _live_links(about, now=now):
        if link.target_url == _tagged(address, link):
            return link
    link = PromoLink(
        code=new_code(),
        created_at=now,
        sent_at=now if member else None,
        expires_at=_expiry(now),
        **about,
    )
    link.target_url = _tagged(address, link)
    if len(link.target_url) > 500:
        raise Refused("link_target", _("這個網址太長，不能做成推廣連結"))
    link.save()
    return link


def mark_sent(link: PromoLink, *, now: datetime) -> None:
    """Note that the salesperson took the link along to send it; the first time counts.

    It is no touch: nobody knows to whom it goes before somebody opens it.
    """
    PromoLink.objects.filter(pk=link.pk, sent_at=None).update(sent_at=now)


@transaction.atomic
def follow_link(code: str, *, visitor: str, now: datetime, agent: str = "") -> str:
    """Record that somebody opened the link, and return where it leads.

    The click counts as an act towards the member it was sent to. A machine that draws
    a preview (`agent`) is led on and leaves no trace. Raises Refused: "link_unknown",
    "link_expired", "link_target".
    """
    link = PromoLink.objects.select_related("member", "staff").filter(code=code).first()
    if link is None:
        raise Refused("link_unknown", _("找不到這個連結"))
    if link.expires_at and link.expires_at <= now:
        raise Refused("link_expired", _("這個連結已經過期，歡迎到官網看看"))
    if not is_ours(link.target_url):
        raise Refused("link_target", _("這個連結指向的網站已經停用"))
    if not agents.is_machine(agent):
        _note_click(link, visitor=visitor, agent=agent, now=now)
    return link.target_url


def is_ours(address: str) -> bool:
    """Tell whether an address is the shop's, or https on an allowed host."""
    try:
        url, shop = urlsplit(address), urlsplit(settings.SHOP_URL)
    except ValueError:
        return False
    if shop.netloc and (url.scheme, url.netloc) == (shop.scheme, shop.netloc):
        return True
    return url.scheme == "https" and url.hostname in settings.LINK_HOSTS


def _note_click(link: PromoLink, *, visitor: str, agent: str, now: datetime) -> None:
    device = agents.device_of(agent)
    click = Click.objects.create(
        link=link,
        at=now,
        visitor=visitor[:40],
        device=device.kind,
        system=device.system,
        in_app=device.in_app,
    )
    PromoLink.objects.filter(pk=link.pk, clicked_at=None).update(clicked_at=now)
    if link.member:
        touch(
            Touch.Kind.LINK_CLICK,
            member=link.member,
            staff=link.staff,
            store=link.store,
            product=link.product,
            link=link,
            evidence=click,
            now=now,
        )
    note_known_click(click, now=now)
    live.publish(f"staff:{link.staff_id}", "click", link=link.pk)


def _live_links(about: Mapping[str, Any], *, now: datetime) -> QuerySet[PromoLink]:
    """Return the links that may be handed out again.

    A member's is the same for a day; one for everybody as long as it lives.
    """
    found = PromoLink.objects.filter(
        Q(expires_at=None) | Q(expires_at__gt=now),
        **{name: value for name, value in about.items() if value is not None},
        **{f"{name}__isnull": True for name, value in about.items() if value is None},
    )
    if about["member"] is not None:
        found = found.filter(created_at__gt=now - REUSED_FOR)
    return found.order_by("-created_at")


def _page_of(
    product: Product | None, category: Category | None, place: Store | None
) -> str:
    if product:
        return product_url(product)
    if category:
        return _shop_page(
            settings.SHOP_CATEGORY_PATH, slug=category.slug, name=category.name
        )
    if place:
        return _shop_page(settings.SHOP_STORE_PATH, code=place.code, name=place.name)
    return str(settings.SHOP_URL)


def _shop_page(pattern: str, **parts: str) -> str:
    quoted = {name: quote(part, safe="") for name, part in parts.items()}
    return f"{settings.SHOP_URL}/{pattern.format(**quoted).lstrip('/')}"


def _kind_of(
    product: Product | None,
    category: Category | None,
    place: Store | None,
    address: str,
) -> str:
    found = {Kind.PRODUCT: product, Kind.CATEGORY: category, Kind.STORE: place}
    shown = next((kind for kind, thing in found.items() if thing), None)
    if shown:
        return shown
    home = address.rstrip("/") == settings.SHOP_URL.rstrip("/")
    return Kind.HOME if home else Kind.PAGE


def _expiry(now: datetime) -> datetime | None:
    """Return when a link made now ends; LINK_DAYS of 0 is never."""
    days = settings.LINK_DAYS
    return now + timedelta(days=days) if days else None


def _tagged(address: str, link: PromoLink) -> str:
    """Add what the shop hands back with the order, and what its own statistics read.

    UTM words that the address brings along stay as HQ wrote them.
    """
    url = urlsplit(address)
    query = [pair for pair in parse_qsl(url.query) if pair[0] != REFERENCE]
    given = {name for name, _value in query}
    ours = {
        "utm_source": "line",
        "utm_medium": "staff",
        "utm_campaign": link.campaign or link.kind,
        "utm_content": link.staff.code,
    }
    query.append((REFERENCE, link.code))
    query += [(name, value) for name, value in ours.items() if name not in given]
    return url._replace(query=urlencode(query)).geturl()
