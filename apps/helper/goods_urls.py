"""Where the store helper's carts, pickups, payments, returns and scans are found."""

from django.urls import path

from apps.helper import carts, payments, pickups, returns, sales, scan

goods = [
    path("carts/", carts.index, name="carts"),
    path("carts/<int:pk>/", carts.show, name="cart"),
    path("carts/<int:pk>/lines/", carts.line, name="cart_line"),
    path("carts/<int:pk>/delivery/", carts.delivery, name="cart_delivery"),
    path("carts/<int:pk>/send/", carts.send, name="cart_send"),
    path("carts/<int:pk>/sell/", carts.sell, name="cart_sell"),
    path("carts/<int:pk>/give-up/", carts.give_up, name="cart_give_up"),
    path("carts/<int:pk>/pay-here/", carts.pay_here, name="cart_pay_here"),
    path("customers/<int:pk>/cart/", carts.begin, name="cart_begin"),
    path("customers/<int:pk>/sale/", sales.record, name="sale"),
    path("pickups/", pickups.index, name="pickups"),
    path("pickups/<int:pk>/", pickups.show, name="pickup"),
    path("pickups/<int:pk>/pick/", pickups.pick, name="pickup_pick"),
    path("pickups/<int:pk>/ready/", pickups.ready, name="pickup_ready"),
    path("pickups/<int:pk>/pay/", pickups.pay, name="pickup_pay"),
    path("pickups/<int:pk>/hand/", pickups.hand, name="pickup_hand"),
    path("pickups/<int:pk>/back/", pickups.back, name="pickup_back"),
    path("payments/", payments.index, name="payments"),
    path("payments/<int:pk>/", payments.show, name="payment"),
    path("payments/<int:pk>/take/", payments.take, name="payment_take"),
    path("payments/<int:pk>/wait/", payments.wait_on, name="payment_wait"),
    path("returns/", returns.index, name="returns"),
    path("returns/<int:pk>/", returns.show, name="return"),
    path("returns/<int:pk>/take/", returns.take, name="return_take"),
    path("scan/", scan.index, name="scan"),
    path("scan/sync/", scan.sync, name="scan_sync"),
    path("scan/shell/", scan.shell, name="scan_shell"),
    path("scan/worker.js", scan.worker, name="scan_worker"),
    path("scan/<int:pk>/settle/", scan.settle, name="scan_settle"),
]
