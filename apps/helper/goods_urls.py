"""Where the store helper's carts, pickups and counter sales are found."""

from django.urls import path

from apps.helper import carts, pickups, sales

goods = [
    path("carts/", carts.index, name="carts"),
    path("carts/<int:pk>/", carts.show, name="cart"),
    path("carts/<int:pk>/lines/", carts.line, name="cart_line"),
    path("carts/<int:pk>/delivery/", carts.delivery, name="cart_delivery"),
    path("carts/<int:pk>/send/", carts.send, name="cart_send"),
    path("carts/<int:pk>/sell/", carts.sell, name="cart_sell"),
    path("carts/<int:pk>/give-up/", carts.give_up, name="cart_give_up"),
    path("customers/<int:pk>/cart/", carts.begin, name="cart_begin"),
    path("customers/<int:pk>/sale/", sales.record, name="sale"),
    path("pickups/", pickups.index, name="pickups"),
    path("pickups/<int:pk>/", pickups.show, name="pickup"),
    path("pickups/<int:pk>/pick/", pickups.pick, name="pickup_pick"),
    path("pickups/<int:pk>/ready/", pickups.ready, name="pickup_ready"),
    path("pickups/<int:pk>/pay/", pickups.pay, name="pickup_pay"),
    path("pickups/<int:pk>/hand/", pickups.hand, name="pickup_hand"),
    path("pickups/<int:pk>/back/", pickups.back, name="pickup_back"),
]
