"""Where the customer's cart, orders and goods at stores are found."""

from django.urls import path

from apps.shopper import cart, orders, pickups

goods = [
    path("m/cart/<slug:code>/", cart.cart, name="cart"),
    path("m/cart/<slug:code>/lines/", cart.line, name="cart_line"),
    path("m/cart/<slug:code>/delivery/", cart.delivery, name="cart_delivery"),
    path("m/cart/<slug:code>/checkout/", cart.checkout, name="cart_checkout"),
    path("m/cart/<slug:code>/pay-later/", cart.pay_later, name="cart_pay_later"),
    path("m/pickups/<slug:code>/", pickups.show, name="pickup"),
    path("m/orders/", orders.index, name="orders"),
    path("m/orders/<int:pk>/", orders.show, name="order"),
]
