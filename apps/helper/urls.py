"""Where the store helper's pages are found."""

from django.urls import path

from apps.helper import bind, customers, month, today, why

app_name = "helper"
urlpatterns = [
    path("", today.today, name="today"),
    path("customers/", customers.index, name="customers"),
    path("customers/<int:pk>/", customers.show, name="customer"),
    path("month/", month.show, name="month"),
    path("orders/<int:pk>/why/", why.show, name="why"),
    path("bind/", bind.index, name="bind"),
    path("bind/<int:code_pk>/card/", bind.card, name="bind_card"),
]
