"""Where each page of this door is found."""

from django.urls import URLPattern, URLResolver

app_name = "shopper"
urlpatterns: list[URLPattern | URLResolver] = []
