"""Rate limits: a token bucket an account and endpoint, kept in this process."""

import threading
import time
from dataclasses import dataclass, field

from apps.simulator.models import OfficialAccount

DEFAULT = 2000.0
PER_SECOND: dict[str, float] = {
    "multicast": 200,
    "loading": 100,
    "webhook.test": 60 / 3600,
    "webhook.get": 1000 / 60,
    "webhook.set": 1000 / 60,
    "richmenu.create": 100 / 3600,
    "richmenu.delete": 100 / 3600,
    "richmenu.list": 10,
}


@dataclass
class Bucket:
    """Holds up to a second's worth of calls (at least the quota of one period)."""

    per_second: float
    size: float
    left: float
    at: float = field(default_factory=time.monotonic)

    def take(self) -> bool:
        """Take one call out; False when the bucket is empty."""
        now = time.monotonic()
        self.left = min(self.size, self.left + (now - self.at) * self.per_second)
        self.at = now
        if self.left < 1:
            return False
        self.left -= 1
        return True


_buckets: dict[tuple[int, str, float], Bucket] = {}
_lock = threading.Lock()


def allows(account: OfficialAccount, endpoint: str) -> bool:
    """Tell whether the account may call the endpoint now, and count the call.

    `OfficialAccount.rates` overrides a limit, in calls a second.
    """
    rate = float(account.rates.get(endpoint, PER_SECOND.get(endpoint, DEFAULT)))
    if rate <= 0:
        return False
    with _lock:
        key = (account.pk, endpoint, rate)
        if key not in _buckets:
            size = rate if rate >= 1 else rate * 3600
            _buckets[key] = Bucket(rate, max(size, 1), max(size, 1))
        return _buckets[key].take()


def reset() -> None:
    """Fill every bucket."""
    with _lock:
        _buckets.clear()
