"""Where the style page and the language switch are found."""

from django.urls import path

from apps.ui import views

app_name = "ui"
urlpatterns = [
    path("", views.style_page, name="style_page"),
    path("language/", views.language, name="language"),
]
