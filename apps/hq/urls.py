"""Where HQ's pages are found."""

from django.urls import path

from apps.hq import orders, staff

app_name = "hq"
urlpatterns = [
    path("orders/", orders.index, name="orders"),
    path("staff/", staff.index, name="staff"),
]
