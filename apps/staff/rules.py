"""Who may do what: the whole table, by role."""

from collections.abc import Mapping

ADMIN, MARKETING, SERVICE = "admin", "marketing", "service"
FINANCE, MANAGER, SALESPERSON = "finance", "manager", "salesperson"

HQ = frozenset({ADMIN, MARKETING, SERVICE, FINANCE})
STORE = frozenset({MANAGER, SALESPERSON})
EVERYONE = HQ | STORE

PERMISSIONS: Mapping[str, frozenset[str]] = {
    "hq.open": HQ,
    "hq.dashboard": HQ,
    "hq.inbox": frozenset({ADMIN, SERVICE}),
    "hq.members": frozenset({ADMIN, MARKETING, SERVICE}),
    "hq.imports": frozenset({ADMIN}),
    "hq.keys": frozenset({ADMIN}),
    "hq.coupons": frozenset({ADMIN, MARKETING, SERVICE}),
    "coupons.design": frozenset({ADMIN, MARKETING}),
    "hq.loyalty": HQ,
    "loyalty.design": frozenset({ADMIN, MARKETING}),
    "points.adjust": frozenset({ADMIN, SERVICE}),
    "hq.orders": HQ,
    "hq.pickups": frozenset({ADMIN, SERVICE}),
    "hq.credits": HQ,
    "hq.credit_policy": frozenset({ADMIN, FINANCE}),
    "hq.staff": frozenset({ADMIN}),
    "hq.rule": frozenset({ADMIN, FINANCE}),
    "hq.correct_credit": frozenset({ADMIN, FINANCE}),
    "hq.reports": frozenset({ADMIN, MARKETING, FINANCE}),
    "hq.signals": frozenset({ADMIN, FINANCE}),
    "hq.commissions": frozenset({ADMIN, FINANCE}),
    "members.bind": frozenset({ADMIN, SERVICE}),
    "members.merge": frozenset({ADMIN, SERVICE}),
    "members.leads": frozenset({ADMIN, MARKETING, SERVICE}),
    "members.tag": frozenset({ADMIN, MARKETING, SERVICE}),
    "tags.design": frozenset({ADMIN, MARKETING}),
    "tags.replace": frozenset({ADMIN}),
    "members.consent": frozenset({ADMIN, SERVICE}),
    "members.note": frozenset({ADMIN, MARKETING, SERVICE}),
    "members.edit": frozenset({ADMIN, MARKETING, SERVICE}),
    "members.attributes": frozenset({ADMIN, MARKETING}),
    "helper.open": STORE,
    "helper.chat": STORE,
    "helper.carts": STORE,
    "helper.pickups": STORE,
    "helper.scan": STORE,
    "helper.payments": STORE,
    "helper.returns": STORE,
    "helper.record_sales": STORE,
    "helper.coupons": STORE,
    "helper.tags": STORE,
    "helper.credits": STORE,
    "helper.report": STORE,
    "helper.disputes": STORE,
    "conversations.open": frozenset({ADMIN, SERVICE}) | STORE,
    "conversations.reply": frozenset({ADMIN, SERVICE}) | STORE,
    "conversations.assign": frozenset({ADMIN, SERVICE}),
    "master_data": frozenset({ADMIN}),
    "own_account": EVERYONE,
}


def may(role: str, permission: str) -> bool:
    """Tell whether the role carries the permission; an unknown one is a KeyError."""
    return role in PERMISSIONS[permission]


def permissions_of(role: str) -> frozenset[str]:
    """Return every permission of the role."""
    return frozenset(name for name, roles in PERMISSIONS.items() if role in roles)
