"""Fetch from the channel what customers' messages point at: files, names, pictures."""

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
