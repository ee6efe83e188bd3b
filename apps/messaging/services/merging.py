"""How deliveries follow a merge of members."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from apps.members.services import movers


def register() -> None:
    """Register the mover of the outbox; called once, when the apps are ready."""
    movers.register(movers.Rows("messaging.Delivery", _("發送紀錄")))
