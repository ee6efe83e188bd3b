"""Where the customer's cart and orders are found."""

from django.urls import path

from apps.shopper import cart, orders

goods = [
    path("m/cart/<slug:code>/", cart.cart, name="cart"),
    path("m/cart/<slug:code>/lines/", cart.line, name="cart_line"),
    path("m/cart/<slug:code>/delivery/", cart.delivery, name="cart_delivery"),
    path("m/cart/<slug:code>/checkout/", cart.checkout, name="cart_checkout"),
    path("m/orders/", orders.index, name="orders"),
    path("m/orders/<int:pk>/", orders.show, name="order"),
]
