"""The clock of the house: what is looked at again and again, and what runs at night.

A sweep rings the same task that a nudge rings, for the nudges that got lost. The
workers' supervisors are the clock (`manage.py worker`): each sweep has a row that says
when it was last rung, and of several supervisors the one that moves the row rings.
django-q2's own scheduler is off, for it knows no time shorter than a minute.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True)
class Sweep:
    """A task that is rung again and again, by its dotted name."""

    task: str
    every: timedelta
    why: str


@dataclass(frozen=True)
class NightlyJob:
    """A management command that runs at night; `dated` ones take `--date`."""

    command: str
    why: str
    dated: bool = False


def _seconds(number: int) -> timedelta:
    return timedelta(seconds=number)


SWEEPS: tuple[Sweep, ...] = (
    Sweep("apps.gateway.tasks.route_pending", _seconds(5), "Events not yet routed"),
    Sweep("apps.gateway.platforms.tasks.handle_pending", _seconds(15), "Shops' news"),
    Sweep("apps.messaging.tasks.send_due", _seconds(5), "Messages due"),
    Sweep("apps.messaging.tasks.send_texts", _seconds(5), "Short messages due"),
    Sweep("apps.attribution.tasks.credit_pending", _seconds(15), "Orders to credit"),
    Sweep("apps.commissions.tasks.accrue_pending", _seconds(15), "Credits to accrue"),
    Sweep("apps.attribution.tasks.simulate_pending", _seconds(30), "Rules being tried"),
    Sweep("apps.imports.tasks.run_pending", _seconds(15), "Files coming in"),
    Sweep("apps.commissions.tasks.advance_disputes", _seconds(3600), "Old disputes"),
    Sweep("apps.reports.tasks.refresh_recent", _seconds(60), "Figures of today"),
    Sweep("apps.conversations.tasks.fetch_pending", _seconds(15), "Files, names"),
    Sweep("apps.messaging.tasks.refresh_quota", _seconds(300), "What LINE has left"),
    Sweep("apps.orders.tasks.tidy", _seconds(60), "Carts, pickups, kept goods"),
    Sweep("apps.conversations.tasks.remind_pickups", _seconds(600), "Pickups to end"),
    Sweep("apps.loyalty.tasks.give_first_steps", _seconds(60), "First steps taken"),
    Sweep("apps.conversations.tasks.tell_expiring", _seconds(600), "What dies soon"),
    Sweep("apps.orders.tasks.settle_invoices", _seconds(60), "Invoices that wait"),
    Sweep("apps.loyalty.tasks.release_reservations", _seconds(60), "Coupons held"),
    Sweep("apps.audit.tasks.seal", _seconds(60), "Audit not yet sealed"),
)

NIGHTLY: tuple[NightlyJob, ...] = (
    NightlyJob("clearsessions", "Sign-ins that ran out"),
    NightlyJob("slide_facts", "Purchases that left the window of twelve months"),
    NightlyJob("release_points", "Points whose return window is over"),
    NightlyJob("expire_points", "Points whose last day is over"),
    NightlyJob("review_tiers", "Tiers whose time is over"),
    NightlyJob("give_gifts", "Birthdays, anniversaries, first steps"),
    NightlyJob("expire_tags", "Tags whose last day is over"),
    NightlyJob("pay_recruits", "Bonuses for members who registered", dated=True),
    NightlyJob("check_facts", "Members' facts that are not those of their orders"),
    NightlyJob("forget_requests", "Answers and buckets of the machine doors"),
    NightlyJob("forget_codes", "One-time codes of days ago"),
    NightlyJob("forget_imports", "Files that were taken in a month ago"),
    NightlyJob("check_invariants", "Whatever must never be true"),
)
