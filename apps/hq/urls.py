"""Where HQ's pages are found."""

from django.urls import path

from apps.hq import (
    credit,
    dashboard,
    disputes,
    imports,
    members,
    orders,
    policies,
    search,
    settlements,
    simulations,
    staff,
)

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
    path("policies/", policies.index, name="policies"),
    path("policies/<int:pk>/", policies.show, name="policy"),
    path("policies/drafts/", policies.begin, name="policy_drafts"),
    path("policies/drafts/<int:pk>/", policies.draft, name="policy_draft"),
    path("policies/drafts/<int:pk>/discard/", policies.discard, name="policy_discard"),
    path("policies/drafts/<int:pk>/publish/", policies.publish, name="policy_publish"),
    path("policies/drafts/<int:pk>/trial/", policies.simulate, name="policy_simulate"),
    path("simulations/<int:pk>/", simulations.show, name="simulation"),
    path("simulations/<int:pk>/cancel/", simulations.cancel, name="simulation_cancel"),
    path("disputes/", disputes.index, name="disputes"),
    path("disputes/<int:pk>/rule/", disputes.rule, name="dispute_rule"),
    path("settlements/", settlements.index, name="settlements"),
    path("settlements/<slug:month>/", settlements.show, name="settlement"),
    path(
        "settlements/<slug:month>/prepare/",
        settlements.prepare,
        name="settlement_prepare",
    ),
    path(
        "settlements/<slug:month>/approve/",
        settlements.approve,
        name="settlement_approve",
    ),
    path("settlements/<slug:month>/paid/", settlements.paid, name="settlement_paid"),
    path("settlements/<slug:month>/csv/", settlements.export, name="settlement_csv"),
    path("settlements/<slug:month>/<int:pk>/", settlements.statement, name="statement"),
    path(
        "settlements/<slug:month>/<int:pk>/csv/",
        settlements.statement_csv,
        name="statement_csv",
    ),
    path("imports/", imports.index, name="imports"),
    path("imports/<int:pk>/", imports.show, name="import"),
    path("imports/<int:pk>/check/", imports.check, name="import_check"),
    path("imports/<int:pk>/start/", imports.start, name="import_start"),
    path("imports/<int:pk>/cancel/", imports.cancel, name="import_cancel"),
    path("imports/<int:pk>/errors/", imports.errors, name="import_errors"),
    path("imports/<slug:kind>.csv", imports.template, name="import_template"),
    path("staff/", staff.index, name="staff"),
    path("search/", search.index, name="search"),
]
