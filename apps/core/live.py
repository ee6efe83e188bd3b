"""Tell open pages that something changed.

A notice names a topic and an event; it carries no content. The page that listens
fetches the fragment itself, through the same scope as any other page, so that a
notice can leak nothing. A notice is sent when the transaction commits.

    topics    staff:<id>, desk:hq
"""

from __future__ import annotations

import json

from django.db import connection

CHANNEL = "live"


def publish(topic: str, event: str, **facts: int | str) -> None:
    """Tell every page that listens to the topic; `facts` are small ids."""
    notice = json.dumps({"topic": topic, "event": event, **facts})
    with connection.cursor() as cursor:
        cursor.execute("select pg_notify(%s, %s)", [CHANNEL, notice])
