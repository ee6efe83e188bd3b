"""The customer's pages inside LINE, and the short links."""

from django.urls import path

from apps.shopper import (
    bind,
    card,
    consents,
    coupons,
    faces,
    invoices,
    lead,
    liff,
    links,
    phone,
    points,
    profile,
    signin,
)
from apps.shopper.goods_urls import goods

app_name = "shopper"

urlpatterns = [
    *goods,
    path("b/<str:token>/", bind.bind, name="bind"),
    path("b/<str:token>/confirm/", bind.confirm, name="confirm"),
    path("b/<str:token>/others/", bind.others, name="others"),
    path("m/login/", signin.callback, name="login"),
    path("m/liff/", liff.liff, name="liff"),
    path("m/liff/<path:rest>", liff.liff, name="liff_page"),
    path("m/session/", liff.open_session, name="session"),
    path("m/card/", card.card, name="card"),
    path("m/points/", points.index, name="points"),
    path("m/upgrade/", points.upgrade, name="upgrade"),
    path("m/invoices/", invoices.index, name="invoices"),
    path("m/invoices/claim/", invoices.claim, name="invoice_claim"),
    path("m/profile/", profile.profile, name="profile"),
    path("m/lead/", lead.lead, name="lead"),
    path("m/consents/", consents.index, name="consents"),
    path("m/consents/say/", consents.say, name="consent_say"),
    path("m/coupons/", coupons.index, name="coupons"),
    path("m/coupons/claim/", coupons.claim, name="coupon_claim"),
    path("m/coupons/<int:pk>/", coupons.show, name="coupon"),
    path("m/coupons/<int:pk>/open/", coupons.open_, name="coupon_open"),
    path("m/phone/", phone.phone, name="phone"),
    path("m/phone/code/", phone.confirm, name="phone_confirm"),
    path("m/unbind/", card.unbind, name="unbind"),
    path("m/later/", bind.later, name="later"),
    path("m/terms/", card.terms, name="terms"),
    path("l/<slug:code>", links.link, name="link"),
    path("faces/<int:pk>.png", faces.face, name="face"),
]
