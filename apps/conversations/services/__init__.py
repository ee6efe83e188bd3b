"""The verbs of the inbox: what customers do, what staff do, whose desk it is."""

from apps.conversations.rules.desks import Desk, DeskFacts, choose_desk
from apps.conversations.services.binding import follow_binding, sender_of, welcome
from apps.conversations.services.coupons import Given, give_coupon
from apps.conversations.services.expiry import tell_expiring
from apps.conversations.services.handling import close, mark_seen, reopen, take_over
from apps.conversations.services.inbound import (
    edit,
    follow,
    link_account,
    press,
    receive,
    unfollow,
    unsend,
)
from apps.conversations.services.media import MediaFile, claim_media, fetch, media_of
from apps.conversations.services.outbound import note, reply, resend
from apps.conversations.services.pickups import TEXTS as PICKUP_TEXTS
from apps.conversations.services.pickups import (
    pickup_notices,
    remind_pickups,
    tell_pickup_ready,
)
from apps.conversations.services.profiles import claim_profiles, learn

__all__ = [
    "PICKUP_TEXTS",
    "Desk", "DeskFacts", "Given", "MediaFile", "choose_desk", "claim_media",
    "claim_profiles",
    "close", "edit", "fetch", "follow", "follow_binding", "give_coupon",
    "learn", "link_account",
    "mark_seen", "media_of", "note", "pickup_notices", "press", "receive",
    "remind_pickups", "reopen", "reply", "resend",
    "sender_of", "take_over", "tell_expiring", "tell_pickup_ready", "unfollow",
    "unsend", "welcome",
]  # fmt: skip
