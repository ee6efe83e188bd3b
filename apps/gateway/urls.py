"""Where machines knock."""

from django.urls import URLPattern, URLResolver, path

from apps.gateway import line, snippet
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
    path("api/v1/docs", docs.show, name="api_docs"),
    path("api/v1/", app.urls),
    path("snippet.js", snippet.script, name="snippet"),
    path("collect", snippet.collect, name="collect"),
]
