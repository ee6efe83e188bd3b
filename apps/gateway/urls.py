"""Where machines knock."""

from django.urls import URLPattern, URLResolver, path

from apps.gateway import line

app_name = "gateway"
urlpatterns: list[URLPattern | URLResolver] = [
    path("webhooks/line/<slug:slug>/", line.webhook, name="line_webhook"),
]
