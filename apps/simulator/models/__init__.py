"""What the platform remembers: accounts, people, chats, and the traffic of both."""

from apps.simulator.models.accounts import Friendship, OfficialAccount, Person, RichMenu
from apps.simulator.models.chats import (
    ChatMessage,
    Content,
    ReplyToken,
    ShortText,
)
from apps.simulator.models.shop import ShopOrder
from apps.simulator.models.traffic import (
    AcceptedRequest,
    Fault,
    LoginCode,
    OutgoingEvent,
    UsageDay,
    UsageMonth,
)

__all__ = [
    "AcceptedRequest",
    "ChatMessage",
    "Content",
    "Fault",
    "Friendship",
    "LoginCode",
    "OfficialAccount",
    "OutgoingEvent",
    "Person",
    "ReplyToken",
    "RichMenu",
    "ShopOrder",
    "ShortText",
    "UsageDay",
    "UsageMonth",
]
