"""Identifiers in the shapes that LINE gives them."""

import itertools
import secrets
import time
import uuid

CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_counter = itertools.count(secrets.randbelow(1000))


def user_id() -> str:
    """Return an id of a person or of a bot: U and 32 hexadecimal digits."""
    return f"U{secrets.token_hex(16)}"


def message_id() -> str:
    """Return an id of a message: 19 digits that grow with time."""
    return f"{time.time_ns() // 1000:016d}{next(_counter) % 1000:03d}"


def quote_token() -> str:
    """Return a quote token, opaque to its reader."""
    return secrets.token_urlsafe(48)


def reply_token() -> str:
    """Return a reply token: 32 hexadecimal digits."""
    return secrets.token_hex(16)


def rich_menu_id() -> str:
    """Return an id of a rich menu."""
    return f"richmenu-{secrets.token_hex(16)}"


def request_id() -> str:
    """Return the id that every answer carries in `x-line-request-id`."""
    return str(uuid.uuid4())


def access_token() -> str:
    """Return a long-lived channel access token."""
    return secrets.token_urlsafe(64)


def secret() -> str:
    """Return a channel secret: 32 hexadecimal digits."""
    return secrets.token_hex(16)


def ulid() -> str:
    """Return a ULID: 48 bits of milliseconds and 80 random ones, in base 32."""
    number = (time.time_ns() // 1_000_000) << 80 | secrets.randbits(80)
    return "".join(CROCKFORD[number >> shift & 31] for shift in range(125, -1, -5))
