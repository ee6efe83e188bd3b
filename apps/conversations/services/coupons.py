"""Give a customer a coupon: the copy, the card in their chat, and the act."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from apps.attribution import services as attribution
from apps.attribution.models import Touch
from apps.channels.line import messages as line
from apps.conversations.models import Conversation, Message
from apps.conversations.services import binding, outbound, threads
from apps.core.errors import Refused
from apps.loyalty import services as loyalty
from apps.loyalty.models import Coupon, CouponIssue
from apps.members.models import Member
from apps.staff.models import Staff
from apps.stores.models import Store


@dataclass(frozen=True)
class Given:
    """The copy, and the card in the chat; None where no message reaches them."""

    issue: CouponIssue
    message: Message | None


@transaction.atomic
def give_coupon(
    coupon: Coupon,
    member: Member,
    *,
    by: Staff,
    store: Store | None,
    client_id: UUID,
    now: datetime,
) -> Given:
    """Give the customer a copy in the salesperson's name, and tell them on LINE.

    The browser's `client_id` makes a second click the same copy and the same message.
    Whoever cannot be reached has it all the same, among their coupons. Raises Refused
    "coupon_<reason>", as `loyalty.issue` answers.
    """
    outcome = loyalty.issue(
        coupon,
        [member.pk],
        source=CouponIssue.Source.STAFF,
        source_id=str(client_id),
        by=by,
        store=store,
        now=now,
    )[0]
    if isinstance(outcome, loyalty.NotIssued):
        raise Refused(f"coupon_{outcome.code}", outcome.message)
    copy = CouponIssue.objects.select_related("coupon").get(pk=outcome.issue_id)
    attribution.touch(
        Touch.Kind.COUPON_ISSUED, member=member, staff=by, store=store, product=None,
        link=None, evidence=copy, now=now,
    )  # fmt: skip
    return Given(copy, _send(copy, member, by=by, client_id=client_id, now=now))


def _send(
    copy: CouponIssue, member: Member, *, by: Staff, client_id: UUID, now: datetime
) -> Message | None:
    earlier = Message.objects.filter(client_id=client_id).first()
    if earlier is not None:
        return earlier
    found = Conversation.objects.filter(member=member).order_by("-last_message_at")
    conversation = found.first()
    if conversation is None or threads.lock(conversation).is_blocked:
        return None
    return outbound.send_card(
        conversation,
        line.coupon_card(_card(copy), binding.sender_of(by)),
        text=_("優惠券：%(name)s %(worth)s")
        % {"name": copy.coupon.name, "worth": copy.coupon.worth},
        facts={"coupon": copy.pk},
        client_id=client_id,
        by=by,
        now=now,
    )


def _card(copy: CouponIssue) -> line.CouponCard:
    day = copy.last_day
    until = (
        _("%(day)s 前可用") % {"day": f"{day.year}/{day.month}/{day.day}"}
        if day
        else _("打開後看使用期限")
    )
    return line.CouponCard(
        name=copy.coupon.name,
        worth=copy.coupon.worth,
        until=until,
        url=f"{settings.PUBLIC_URL}/m/coupons/{copy.pk}/",
    )
