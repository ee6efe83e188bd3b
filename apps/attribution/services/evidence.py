"""Where the facts of a batch of orders lie: how they are read, by keys in one array."""

from __future__ import annotations

from datetime import datetime

from apps.attribution.models import Touch

# order, number, kind, staff, store, product, at, type and id of the proof, SKU
Row = tuple[
    int, int, str, int, int | None, int | None, datetime, str, str, str
]  # fmt: skip

# The kinds that may earn. A redeemed coupon is read with its order, from its use.
KINDS = [
    Touch.Kind.LINK_SENT.value,
    Touch.Kind.LINK_CLICK.value,
    Touch.Kind.CHAT_REPLY.value,
    Touch.Kind.CART_BUILT.value,
    Touch.Kind.BOOKING.value,
]

LOCKED = """
    select id, placed_at, channel, store_id, seller_id, member_id, ship_to
    from orders_order where id = any(%s) order by id for update
"""
LINES = """
    select order_id, id, net, product_id, sku, quantity
    from orders_orderline where order_id = any(%s) order by order_id, position
"""
SOLD = """
    select s.line_id, s.staff_id, s.quantity
    from orders_orderline l join orders_lineseller s on s.line_id = l.id
    where l.order_id = any(%s) order by s.line_id, s.staff_id
"""
BONDS = """
    select member_id, id, staff_id, store_id, lower(period), upper(period)
    from members_binding where member_id = any(%s)
"""
REACHED = """
    select member_id, kind, value from members_identity
    where member_id = any(%(members)s) and kind in ('phone', 'email')
    union
    select m.id, own.kind, own.value
    from members_member m
    cross join lateral (values ('phone', m.phone), ('email', m.email)) own(kind, value)
    where m.id = any(%(members)s) and own.value <> ''
"""
TOUCHES = """
    select o.id, t.id, t.kind, t.staff_id, t.store_id, t.product_id, t.at,
           t.evidence_type, t.evidence_id, t.sku
    from orders_order o
    cross join lateral (
        select * from attribution_touch t
        where t.member_id = o.member_id
          and t.at >= o.placed_at - make_interval(secs => %(back)s)
          and t.at < o.placed_at + make_interval(secs => %(ahead)s)
          and t.kind = any(%(kinds)s)
    ) t
    join staff_staff s on s.id = t.staff_id and s.role = any(%(serving)s)
    where o.id = any(%(ids)s)
"""
# The last click on the link an order came by, whoever it was sent to.
REFERENCED = """
    select o.id, %(no_place)s, 'link_click', k.staff_id, k.store_id, k.product_id, c.at,
           'click', c.id::text, ''
    from orders_order o
    join attribution_promolink k on k.code = o.reference
    join staff_staff s on s.id = k.staff_id and s.role = any(%(serving)s)
    cross join lateral (
        select c.id, c.at from attribution_click c
        where c.link_id = k.id and c.at < o.placed_at
        order by c.at desc limit 1
    ) c
    where o.id = any(%(ids)s) and o.reference <> ''
      and c.at >= o.placed_at - make_interval(secs => %(back)s)
"""
# What staff put into the cart that became the order, or into another of the buyer's.
CARTS = """
    select o.id, l.id, 'cart_built', l.added_by_id, c.store_id, v.product_id,
           l.added_at, 'cartline', l.id::text, v.sku
    from orders_order o
    cross join lateral (
        select id, store_id from orders_cart where id = o.cart_id
        union
        select id, store_id from orders_cart
        where member_id = o.member_id
          and changed_at >= o.placed_at - make_interval(secs => %(back)s)
    ) c
    join orders_cartline l on l.cart_id = c.id
    join catalog_variant v on v.id = l.variant_id
    join staff_staff s on s.id = l.added_by_id and s.role = any(%(serving)s)
    where o.id = any(%(ids)s)
      and l.added_at >= o.placed_at - make_interval(secs => %(back)s)
      and l.added_at < o.placed_at + make_interval(secs => %(ahead)s)
"""
# The coupons redeemed on the order that a salesperson had issued.
COUPONS = """
    select o.id, u.id, 'coupon_redeemed', i.issued_by_id, i.store_id, null::bigint,
           i.issued_at, 'couponuse', u.id::text, ''
    from orders_order o
    join loyalty_couponuse u on u.order_source = o.source
        and u.order_external_id = o.external_id and u.state = 'redeemed'
    join loyalty_couponissue i on i.id = u.issue_id
    join staff_staff s on s.id = i.issued_by_id and s.role = any(%(serving)s)
    where o.id = any(%(ids)s)
"""
