"""`{% conversation_rows inbox.rows chosen opened %}`: the list without its frame."""

from collections.abc import Sequence

from django import template
from django.utils.safestring import SafeString

from apps.conversations.reports import Row
from apps.desk import rows

register = template.Library()


@register.simple_tag
def conversation_rows(
    found: Sequence[Row], chosen: str = "", opened: int | None = None
) -> SafeString:
    """Write the rows of the list; `opened` is the one that stands beside it."""
    return rows.written(found, chosen=chosen, opened=opened)
