"""What a phone does with a link: some open a chat, the rest the in-app browser."""

from urllib.parse import urlencode, urlsplit

from django.urls import reverse

from apps.simulator.models import Person

REMEMBERED = 8
SCHEMES = {"http", "https"}


def is_openable(url: str) -> bool:
    """Tell whether a phone could open it."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in SCHEMES and bool(parts.netloc)


def remember(person: Person, url: str) -> None:
    """Keep the link among the person's latest."""
    others = [link for link in person.recent_links if link != url]
    person.recent_links = [url, *others][:REMEMBERED]
    person.save(update_fields=["recent_links"])


def browsing(person: Person, url: str, account: str = "") -> str:
    """Return the address of the phone with the link open in its browser."""
    query = {"open": url} | ({"account": account} if account else {})
    return f"{reverse('simulator:phone', args=[person.user_id])}?{urlencode(query)}"
