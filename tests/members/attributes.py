"""Questions that HQ asks in the tests."""

from __future__ import annotations

from typing import Any

from apps.core import clock
from apps.members import services as members
from apps.members.models import Attribute
from tests import make

ALL = ("manager", "salesperson", "customer")


def asked(key: str, kind: str = "text", **fields: Any) -> Attribute:
    """Declare a question that everybody may see and answer."""
    picking = {"choices": ("簡約", "通勤")} if kind.startswith("choice") else {}
    said = {
        "name": f"欄位 {key}",
        "shown_to": ALL,
        "edited_by": ALL,
        **picking,
        **fields,
    }
    question = members.AttributeIn(key=key, kind=kind, **said)
    hq = make.staff("許雅筑", role="admin")
    return members.declare_attribute(question, by=hq, now=clock.now())
