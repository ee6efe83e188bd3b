"""Personal tracked links: made for one member, followed into the shop."""

from __future__ import annotations

from datetime import datetime, timedelta
from urllib.parse import parse_qsl, urlencode, urlsplit

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from apps.attribution.models import Click, PromoLink, Touch, new_code
from apps.attribution.services.touches import touch
from apps.catalog.models import Product
from apps.catalog.services import product_url
from apps.core import live
from apps.core.errors import Refused
from apps.members.models import Member
from apps.staff.models import Staff
from apps.stores.models import Store

# The same link sent again within a day is one link, so that its clicks stay together.
REUSED_FOR = timedelta(days=1)


def make_link(
    staff: Staff,
    store: Store | None,
    *,
    member: Member | None,
    product: Product | None,
    now: datetime,
    target: str | None = None,
) -> PromoLink:
    """Return the person's own link for the member to a product or page of the shop.

    `target` is a page's address; without one it is the product's page, or the shop's
    front page. Raises Refused("link_target") for an address outside the shop.
    """
    address = target or (product_url(product) if product else settings.SHOP_URL)
    if not is_ours(address):
        raise Refused("link_target", _("這個網址不是自家官網，不能做成推廣連結"))
    recent = PromoLink.objects.filter(
        Q(expires_at__isnull=True) | Q(expires_at__gt=now),
        staff=staff,
        store=store,
        member=member,
        product=product,
        created_at__gt=now - REUSED_FOR,
    )
    for link in recent:
        if link.target_url == _tagged(address, link.code):
            return link
    code = new_code()
    return PromoLink.objects.create(
        code=code,
        staff=staff,
        store=store,
        member=member,
        product=product,
        target_url=_tagged(address, code),
        created_at=now,
    )


@transaction.atomic
def follow_link(code: str, *, visitor: str, now: datetime) -> str:
    """Record that somebody opened the link, and return where it leads.

    The click counts as an act towards the member it was sent to. Raises Refused:
    "link_unknown", "link_expired", "link_target".
    """
    link = PromoLink.objects.select_related("member", "staff").filter(code=code).first()
    if link is None:
        raise Refused("link_unknown", _("找不到這個連結"))
    if link.expires_at and link.expires_at <= now:
        raise Refused("link_expired", _("這個連結已經過期"))
    if not is_ours(link.target_url):
        raise Refused("link_target", _("這個連結指向的網站已經停用"))
    click = Click.objects.create(link=link, at=now, visitor=visitor[:40])
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
    live.publish(f"staff:{link.staff_id}", "click", link=link.pk)
    return link.target_url


def is_ours(address: str) -> bool:
    """Tell whether an address is the shop's, or https on an allowed host."""
    url, shop = urlsplit(address), urlsplit(settings.SHOP_URL)
    if shop.netloc and (url.scheme, url.netloc) == (shop.scheme, shop.netloc):
        return True
    return url.scheme == "https" and url.hostname in settings.LINK_HOSTS


def _tagged(address: str, code: str) -> str:
    """Add what the shop hands back with the order, and what its own statistics read."""
    url = urlsplit(address)
    query = [pair for pair in parse_qsl(url.query) if pair[0] != "rg"]
    query += [("rg", code), ("utm_source", "line"), ("utm_medium", "staff")]
    return url._replace(query=urlencode(query)).geturl()
