"""The addresses of the simulator's own process (SIMULATOR=1)."""

from django.urls import include, path

urlpatterns = [
    path("i18n/", include("django.conf.urls.i18n")),
    path("", include("apps.simulator.urls")),
]
