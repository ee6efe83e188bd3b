"""Which gateway short messages go through: the setting SMS_GATEWAY."""

from __future__ import annotations

from typing import Protocol

from django.conf import settings

from apps.channels.outcome import Outcome
from apps.channels.sms.twilio import Twilio
from apps.channels.sms.web import WebGateway


class Gateway(Protocol):
    """Something that takes a short message for a telephone."""

    def send(self, to: str, text: str, *, reference: str) -> Outcome:
        """Hand a message over; `to` is E.164."""


def gateway() -> Gateway | None:
    """Return the gateway of the settings; None where the brand has none."""
    match settings.SMS_GATEWAY:
        case "web":
            return WebGateway(settings.SMS_URL, settings.SMS_TOKEN)
        case "twilio":
            return Twilio(
                settings.TWILIO_HOST,
                settings.TWILIO_ACCOUNT_SID,
                settings.TWILIO_AUTH_TOKEN,
                settings.TWILIO_SENDER,
            )
        case _:
            return None
