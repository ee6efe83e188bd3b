"""Faults: which order to misbehave strikes a call."""

import random
from collections.abc import Iterable, Iterator

from django.db.models import F, Q

from apps.simulator.models import Fault, OfficialAccount

WEBHOOK_ACTIONS = {
    Fault.Action.REDELIVER,
    Fault.Action.DUPLICATE,
    Fault.Action.SHUFFLE,
    Fault.Action.BUNDLE,
}


def strike(account: OfficialAccount, endpoint: str) -> Fault | None:
    """Return the first fault that strikes this call of an endpoint, used up by one."""
    return next(_struck(_ordered(account, endpoint, (endpoint, "*"))), None)


def strike_all(account: OfficialAccount, endpoint: str) -> list[Fault]:
    """Return every fault that strikes, for faults that add up."""
    return list(_struck(_ordered(account, endpoint, (endpoint, "*"))))


def bundles(account: OfficialAccount) -> bool:
    """Tell whether the account's webhooks are to be sent several in one body."""
    orders = Fault.objects.filter(
        Q(account=account) | Q(account=None), action=Fault.Action.BUNDLE
    ).exclude(remaining=0)
    return any(_struck(orders))


def _ordered(
    account: OfficialAccount, endpoint: str, names: Iterable[str]
) -> list[Fault]:
    orders = Fault.objects.filter(
        Q(account=account) | Q(account=None), endpoint__in=list(names)
    ).exclude(remaining=0)
    for_webhooks = endpoint == "webhook"
    return [
        fault
        for fault in orders.order_by("pk")
        if (fault.action in WEBHOOK_ACTIONS) == for_webhooks
        and fault.action != Fault.Action.BUNDLE
    ]


def _struck(orders: Iterable[Fault]) -> Iterator[Fault]:
    for fault in orders:
        if random.randrange(1000) >= fault.per_mille:  # noqa: S311 (chance, no secret)
            continue
        mine = Fault.objects.filter(pk=fault.pk).exclude(remaining=0)
        changes = {"struck": F("struck") + 1}
        if fault.remaining is not None:
            changes["remaining"] = F("remaining") - 1
        if mine.update(**changes):
            yield fault
