"""Everything the simulator answers to: LINE's hosts, the phones, the shop, control."""

from django.urls import include, path

from apps.simulator import control

app_name = "simulator"

urlpatterns = [
    path("", include("apps.simulator.platform.urls")),
    path("control/accounts/<slug:slug>", control.account),
    path("control/people", control.crowd),
    path("control/people/<user_id>", control.person),
    path("control/people/<user_id>/messages", control.messages),
    path("control/people/<user_id>/acts", control.act),
    path("control/history", control.history),
    path("control/faults", control.all_faults),
    path("control/webhooks", control.webhooks),
    path("control/clock", control.age),
]
