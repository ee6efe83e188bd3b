"""Where machines knock."""

from django.urls import URLPattern, URLResolver

app_name = "gateway"
urlpatterns: list[URLPattern | URLResolver] = []
