"""The outbox: what is to leave the house, and what became of it."""

from apps.messaging.models.outbox import Attempt, Delivery, Pace, QuotaMonth
from apps.messaging.models.sms import ShortMessage

__all__ = ["Attempt", "Delivery", "Pace", "QuotaMonth", "ShortMessage"]
