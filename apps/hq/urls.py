"""Where HQ's pages are found."""

from django.urls import path

from apps.hq import credit, dashboard, members, orders, search, staff

app_name = "hq"
urlpatterns = [
    path("", dashboard.show, name="dashboard"),
    path("stores.csv", dashboard.export, name="stores_csv"),
    path("members/", members.index, name="members"),
    path("members/<int:pk>/", members.show, name="member"),
    path("members/<int:pk>/binding/", members.binding, name="binding"),
    path("orders/", orders.index, name="orders"),
    path("credits/", credit.index, name="credits"),
    path("credits/<int:pk>/", credit.show, name="credit"),
    path("staff/", staff.index, name="staff"),
    path("search/", search.index, name="search"),
]
