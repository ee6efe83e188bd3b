"""Where machines knock."""

from django.urls import URLPattern, URLResolver, path

from apps.gateway import line, pages, snippet
from apps.gateway.api import app, docs
from apps.gateway.platforms import door

app_name = "gateway"
urlpatterns: list[URLPattern | URLResolver] = [
    path("webhooks/line/<slug:slug>/", line.webhook, name="line_webhook"),
    path("webhooks/shopify/<slug:slug>/", door.shopify, name="shopify_webhook"),
    path(
        "webhooks/woocommerce/<slug:slug>/",
        door.woocommerce,
        name="woocommerce_webhook",
    ),
    path("hq/keys/", pages.index, name="keys"),
    path("hq/keys/new/", pages.new_key, name="key_new"),
    path("hq/keys/<int:pk>/", pages.show_key, name="key"),
    path("hq/keys/<int:pk>/revoke/", pages.revoke_key, name="key_revoke"),
    path("hq/keys/shops/new/", pages.new_shop, name="shop_new"),
    path("hq/keys/shops/<int:pk>/", pages.show_shop, name="shop"),
    path("hq/keys/shops/<int:pk>/switch/", pages.switch_shop, name="shop_switch"),
    path("hq/keys/shops/<int:pk>/requeue/", pages.requeue, name="shop_requeue"),
    path("api/v1/docs", docs.show, name="api_docs"),
    path("api/v1/", app.urls),
    path("snippet.js", snippet.script, name="snippet"),
    path("collect", snippet.collect, name="collect"),
]
