"""The section of a member's page about what they did in the shop."""

from __future__ import annotations

from apps.attribution.reports.browsing import browsing_of
from apps.reports.member_page import register


def register_all() -> None:
    """Register the section; called once, when the apps are ready."""
    register("browsing", "main", lambda asked: browsing_of(asked.member))
