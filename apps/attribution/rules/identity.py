"""Is the salesperson the buyer? By telephone, e-mail or address, however written."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from apps.attribution.rules.facts import OrderFacts, StaffFacts, Status
from apps.attribution.rules.policy import Policy

LEAST_ADDRESS = 6  # signs: a shorter one names a town and nobody's home


def self_purchase(
    staff: StaffFacts, order: OrderFacts, policy: Policy
) -> Status | None:
    """Say by what the person is the buyer, None if by nothing the policy looks at."""
    if policy.exclude_self and staff.phone:
        own = significant(staff.phone)
        if own and any(own == significant(phone) for phone in order.buyer_phones):
            return Status.EXCLUDED_SELF
    if policy.exclude_email and staff.email:
        own = staff.email.strip().casefold()
        if any(own == email.strip().casefold() for email in order.buyer_emails):
            return Status.SAME_EMAIL
    if policy.exclude_address and staff.address and order.ship_to:
        own = place(staff.address)
        if len(own) >= LEAST_ADDRESS and own == place(order.ship_to):
            return Status.SAME_ADDRESS
    return None


@lru_cache(maxsize=4096)
def significant(phone: str) -> str:
    """Return the digits of a telephone number without Taiwan's 886 or leading zero."""
    digits = "".join(sign for sign in phone if sign.isdigit())
    return digits.removeprefix("886").lstrip("0")


@lru_cache(maxsize=4096)
def place(address: str) -> str:
    """Return what stays of an address however it is typed.

    Half-width letters and digits, 台 for 臺, no spaces and signs, no postcode in front.
    """
    plain = unicodedata.normalize("NFKC", address).casefold().replace("臺", "台")
    signs = "".join(sign for sign in plain if sign.isalnum())
    return signs.lstrip("0123456789")
