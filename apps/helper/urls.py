"""Where the store helper's pages are found."""

from django.urls import path

from apps.helper import (
    bind,
    coupons,
    customers,
    disputes,
    links,
    month,
    profile,
    report,
    statement,
    tags,
    today,
    why,
)
from apps.helper.goods_urls import goods

app_name = "helper"
urlpatterns = [
    *goods,
    path("", today.today, name="today"),
    path("customers/", customers.index, name="customers"),
    path("customers/<int:pk>/", customers.show, name="customer"),
    path("customers/<int:pk>/notes/", profile.write, name="member_notes"),
    path("customers/<int:pk>/tags/", tags.give, name="member_tag"),
    path("customers/<int:pk>/attributes/", profile.answer, name="member_attributes"),
    path("notes/<int:pk>/", profile.note, name="note"),
    path("month/", month.show, name="month"),
    path("report/", report.show, name="report"),
    path("report/csv/", report.export, name="report_csv"),
    path("report/orders/", report.orders, name="report_orders"),
    path("orders/<int:pk>/why/", why.show, name="why"),
    path("orders/lines/<int:pk>/dispute/", disputes.open_, name="dispute_open"),
    path("statement/<slug:month>/", statement.show, name="statement"),
    path("statement/<slug:month>/csv/", statement.export, name="statement_csv"),
    path("statement/<slug:month>/xlsx/", statement.export_xlsx, name="statement_xlsx"),
    path("disputes/", disputes.index, name="disputes"),
    path("disputes/<int:pk>/withdraw/", disputes.withdraw, name="dispute_withdraw"),
    path("disputes/<int:pk>/rule/", disputes.rule, name="dispute_rule"),
    path("disputes/<int:pk>/pass/", disputes.pass_on, name="dispute_pass"),
    path("coupons/", coupons.index, name="coupons"),
    path("coupons/<int:pk>/", coupons.show, name="coupon"),
    path("coupons/redeem/", coupons.redeem, name="coupon_redeem"),
    path("coupons/uses/<int:pk>/", coupons.use, name="coupon_use"),
    path("coupons/uses/<int:pk>/void/", coupons.void, name="coupon_use_void"),
    path("customers/<int:pk>/coupons/", coupons.give, name="coupon_give"),
    path("links/", links.index, name="links"),
    path("links/make/", links.make, name="link_make"),
    path("links/<int:pk>/", links.show, name="link"),
    path("links/<int:pk>/sent/", links.sent, name="link_sent"),
    path("bind/", bind.index, name="bind"),
    path("bind/<int:code_pk>/card/", bind.card, name="bind_card"),
]
