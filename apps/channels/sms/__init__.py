"""Short messages to telephones, through whichever gateway the settings name."""

from apps.channels.sms.gateways import Gateway, gateway

__all__ = ["Gateway", "gateway"]
