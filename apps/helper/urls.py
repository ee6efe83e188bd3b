"""Where the store helper's pages are found."""

from django.urls import path

from apps.helper import bind, customers

app_name = "helper"
urlpatterns = [
    path("customers/", customers.index, name="customers"),
    path("customers/<int:pk>/", customers.show, name="customer"),
    path("bind/", bind.index, name="bind"),
    path("bind/<int:code_pk>/card/", bind.card, name="bind_card"),
]
