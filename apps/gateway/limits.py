"""How often somebody may knock: a bucket of tokens a caller, in the database.

A bucket fills by `rate` tokens a second up to `burst`; each request takes one. One
statement fills and takes, so that all processes share the bucket and none can take
the same token twice.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection

from apps.gateway.models import Bucket

TAKE = """
    insert into gateway_bucket as bucket (name, tokens, at)
    values (%(name)s, %(burst)s - 1, %(now)s)
    on conflict (name) do update
    set tokens = least(%(burst)s, bucket.tokens + %(rate)s * greatest(
            0, extract(epoch from excluded.at - bucket.at)::float8)) - 1,
        at = greatest(bucket.at, excluded.at)
    where least(%(burst)s, bucket.tokens + %(rate)s * greatest(
            0, extract(epoch from excluded.at - bucket.at)::float8)) >= 1
    returning tokens
"""
# A bucket nobody asked of for so long is full whatever its rate.
FULL_AFTER = timedelta(hours=1)


@dataclass(frozen=True)
class Limit:
    """Tokens a second, and the most that gather."""

    rate: float
    burst: int


def take(name: str, limit: Limit, *, now: datetime) -> int:
    """Take a token of the bucket; return 0, or after how many seconds to come back."""
    with connection.cursor() as cursor:
        cursor.execute(
            TAKE,
            {"name": name, "rate": limit.rate, "burst": limit.burst, "now": now},
        )
        if cursor.fetchone():
            return 0
    bucket = Bucket.objects.get(name=name)
    tokens = bucket.tokens + limit.rate * (now - bucket.at).total_seconds()
    return max(1, math.ceil((1 - tokens) / limit.rate))


def forget_full(*, now: datetime) -> int:
    """Drop the buckets that have filled up since; return how many."""
    return Bucket.objects.filter(at__lt=now - FULL_AFTER).delete()[0]
