"""The addresses of the Messaging API; both of LINE's hosts are this one."""

from django.urls import path, re_path

from apps.simulator.platform import accounts, content, messaging, richmenus, tokens
from apps.simulator.platform.endpoint import by_method, unknown

BOT = "v2/bot"

urlpatterns = [
    path("oauth2/v3/token", tokens.stateless),
    path("v2/oauth/accessToken", tokens.short_lived),
    path(f"{BOT}/message/reply", by_method(post=messaging.reply)),
    path(f"{BOT}/message/push", by_method(post=messaging.push)),
    path(f"{BOT}/message/multicast", by_method(post=messaging.multicast)),
    path(f"{BOT}/message/validate/reply", by_method(post=messaging.validate_reply)),
    path(f"{BOT}/message/validate/push", by_method(post=messaging.validate_push)),
    path(
        f"{BOT}/message/validate/multicast",
        by_method(post=messaging.validate_multicast),
    ),
    path(f"{BOT}/message/quota", by_method(get=accounts.quota)),
    path(f"{BOT}/message/quota/consumption", by_method(get=accounts.consumption)),
    path(f"{BOT}/message/delivery/<slug:via>", by_method(get=accounts.delivered)),
    path(f"{BOT}/message/<message_id>/content", by_method(get=content.content)),
    path(f"{BOT}/message/<message_id>/content/preview", by_method(get=content.preview)),
    path(
        f"{BOT}/message/<message_id>/content/transcoding",
        by_method(get=content.transcoding),
    ),
    path(f"{BOT}/profile/<user_id>", by_method(get=accounts.profile)),
    path(f"{BOT}/followers/ids", by_method(get=accounts.followers)),
    path(f"{BOT}/info", by_method(get=accounts.info)),
    path(f"{BOT}/chat/loading/start", by_method(post=accounts.loading)),
    path(f"{BOT}/chat/markAsRead", by_method(post=accounts.mark_as_read)),
    path(
        f"{BOT}/channel/webhook/endpoint",
        by_method(get=accounts.webhook, put=accounts.set_webhook),
    ),
    path(f"{BOT}/channel/webhook/test", by_method(post=accounts.test_webhook)),
    path(f"{BOT}/richmenu", by_method(post=richmenus.create)),
    path(f"{BOT}/richmenu/validate", by_method(post=richmenus.validate)),
    path(f"{BOT}/richmenu/list", by_method(get=richmenus.index)),
    path(f"{BOT}/richmenu/bulk/link", by_method(post=richmenus.bulk_link)),
    path(f"{BOT}/richmenu/bulk/unlink", by_method(post=richmenus.bulk_unlink)),
    path(
        f"{BOT}/richmenu/<rich_menu_id>",
        by_method(get=richmenus.show, delete=richmenus.delete),
    ),
    path(
        f"{BOT}/richmenu/<rich_menu_id>/content",
        by_method(get=richmenus.image, post=richmenus.set_image),
    ),
    path(
        f"{BOT}/user/all/richmenu",
        by_method(get=richmenus.default, delete=richmenus.cancel_default),
    ),
    path(
        f"{BOT}/user/all/richmenu/<rich_menu_id>",
        by_method(post=richmenus.set_default),
    ),
    path(
        f"{BOT}/user/<user_id>/richmenu",
        by_method(get=richmenus.of_user, delete=richmenus.unlink),
    ),
    path(
        f"{BOT}/user/<user_id>/richmenu/<rich_menu_id>",
        by_method(post=richmenus.link),
    ),
    re_path(r"^(?P<path>v2/bot/.*)$", unknown),
]
