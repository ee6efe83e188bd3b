"""What happens when something is tapped: a link opens, or an action is posted."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.urls import reverse

from apps.simulator.models import OfficialAccount, Person
from apps.simulator.phone import links


@dataclass(frozen=True)
class Tap:
    """An action ready for the template: a link (`href`) or a form (`url`, `fields`)."""

    label: str
    href: str = ""
    url: str = ""
    fields: list[tuple[str, str]] = field(default_factory=list)

    @property
    def values(self) -> str:
        """The fields as JSON, for what is no form."""
        return json.dumps(dict(self.fields))


Tapper = Callable[[dict[str, Any] | None], Tap | None]


def tapper(account: OfficialAccount, person: Person) -> Tapper:
    """Return the function that prepares the actions of this chat."""

    def prepare(action: dict[str, Any] | None) -> Tap | None:
        if not action:
            return None
        label = str(action.get("label") or "")
        kind = action.get("type")
        if kind == "uri":
            return Tap(label, href=_href(str(action.get("uri", "")), person, account))
        if kind in {"message", "postback"}:
            url = reverse("simulator:act", args=[person.user_id, account.slug])
            return Tap(label, url=url, fields=_fields(action))
        return Tap(label)

    return prepare


def _href(uri: str, person: Person, account: OfficialAccount) -> str:
    if links.is_openable(uri):
        return links.browsing(person, uri, account.slug)
    return uri if uri.startswith("tel:") else ""


def _fields(action: dict[str, Any]) -> list[tuple[str, str]]:
    names = ("type", "text", "data", "displayText")
    return [(name, str(action[name])) for name in names if action.get(name)]
