"""Everything the simulator answers to: LINE's hosts, the phones, the shop, control."""

from django.urls import include, path

from apps.simulator import control, liff, login, sms, web
from apps.simulator.phone import views as phone
from apps.simulator.shop import views as shop

app_name = "simulator"

CHAT = "phone/<user_id>/chats/<slug:slug>"

login_urls = [
    path("oauth2/v2.1/authorize", login.authorize, name="authorize"),
    path("oauth2/v2.1/token", login.token),
    path("oauth2/v2.1/verify", login.verify),
    path("oauth2/v2.1/userinfo", login.userinfo),
    path("oauth2/v2.1/certs", login.certs),
    path("v2/profile", login.profile),
    path("friendship/v1/status", login.friendship_status),
]

liff_urls = [
    path("liff/sdk.js", liff.sdk),
    path("liff/<slug:liff_id>/sign-in", liff.sign_in),
    path("liff/<slug:liff_id>", liff.launch),
    path("liff/<slug:liff_id>/<path:path>", liff.launch),
    path("liff/<slug:liff_id>/", liff.launch),
]

web_urls = [
    path("R/oaMessage/<basic_id>/", web.chat),
    path("R/ti/p/<basic_id>", web.add_friend),
]

phone_urls = [
    path("", phone.wall, name="wall"),
    path("people/", phone.add_person, name="add_person"),
    path("faults/", phone.order_fault, name="order_fault"),
    path("menus/<rich_menu_id>/picture", phone.menu_picture, name="menu_picture"),
    path("phone/<user_id>/", phone.show, name="phone"),
    path("phone/<user_id>/scan/", phone.scan, name="scan"),
    path("phone/<user_id>/open", phone.browse, name="browse"),
    path("phone/<user_id>/events/", phone.events, name="events"),
    path("phone/<user_id>/messages/<message_id>/unsend/", phone.unsend, name="unsend"),
    path(
        "phone/<user_id>/messages/<message_id>/picture", phone.picture, name="picture"
    ),
    path(f"{CHAT}/thread/", phone.thread, name="thread"),
    path(f"{CHAT}/messages/", phone.say, name="say"),
    path(f"{CHAT}/actions/", phone.act, name="act"),
    path(f"{CHAT}/friend/", phone.befriend, name="befriend"),
    path(f"{CHAT}/block/", phone.block, name="block"),
]

shop_urls = [
    path("shop/", shop.index, name="shop"),
    path("shop/products/<code>/", shop.product, name="product"),
    path("shop/login/", shop.login, name="shop_login"),
    path("shop/cart/", shop.cart, name="cart"),
    path("shop/cart/lines/", shop.add, name="cart_add"),
    path("shop/orders/", shop.buy, name="buy"),
    path("shop/orders/<slug:number>/", shop.order, name="order"),
    path("shop/orders/<slug:number>/messages/", shop.tell_again, name="tell_again"),
    path("shop/orders/<slug:number>/refund/", shop.refund, name="refund"),
]

control_urls = [
    path("accounts/<slug:slug>", control.account),
    path("people", control.crowd),
    path("people/<user_id>", control.person),
    path("people/<user_id>/messages", control.messages),
    path("people/<user_id>/acts", control.act),
    path("history", control.history),
    path("faults", control.all_faults),
    path("webhooks", control.webhooks),
    path("clock", control.age),
]

urlpatterns = [
    *login_urls,
    *liff_urls,
    *web_urls,
    *phone_urls,
    *shop_urls,
    path("sms/messages/", sms.take, name="sms"),
    path("control/", include(control_urls)),
    path("", include("apps.simulator.platform.urls")),
]
