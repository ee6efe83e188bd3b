"""Drop what the machine doors kept of requests and need no longer."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from apps.core import clock
from apps.gateway import limits, request_log
from apps.gateway.api import idempotency


class Command(BaseCommand):
    """`manage.py forget_requests`: run at night."""

    help = "Drop old answers to Idempotency-Keys, full buckets and old requests."

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Drop them and tell how many."""
        now = clock.now()
        answers = idempotency.forget_old(now=now)
        buckets = limits.forget_full(now=now)
        asked = request_log.forget_old(now=now)
        self.stdout.write(
            f"{answers} answers, {buckets} buckets and {asked} requests dropped"
        )
