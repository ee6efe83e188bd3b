"""What runs by itself in the inbox: files and names are fetched, customers reminded."""

from __future__ import annotations

from apps.conversations import services
from apps.core import clock


def fetch_pending() -> None:
    """Fetch and erase files and ask for names, until nothing is due."""
    while conversations := services.claim_profiles(now=clock.now()):
        for conversation in conversations:
            services.learn(conversation, now=clock.now())
    while messages := services.claim_media(now=clock.now()):
        for message in messages:
            services.fetch(message, now=clock.now())


def remind_pickups() -> None:
    """Remind customers of goods that are kept for less than a day."""
    services.remind_pickups(now=clock.now())


def tell_expiring() -> None:
    """Tell members of points and coupons that die soon, in the hours HQ settled."""
    services.tell_expiring(now=clock.now())
