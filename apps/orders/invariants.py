"""What must always hold of orders and refunds: each query returns no row."""

INVARIANTS = {
    "orders: an invoice counts once over everybody": """
        select order_id from orders_invoiceclaim where state = 'claimed'
        group by order_id having count(*) > 1
    """,
    "orders: nobody waits for an invoice that is known since yesterday": """
        select claim.id from orders_invoiceclaim as claim
        join orders_orderinvoice as known on known.number = claim.number
        join orders_order as orders on orders.id = known.order_id
        where claim.state = 'waiting' and abs(known.issued_on - claim.issued_on) <= 62
          and greatest(orders.received_at, claim.made_at) < now() - interval '1 day'
    """,
    "orders: an order is the sum of its lines": """
        select orders.id
        from orders_order as orders
        left join orders_orderline as line on line.order_id = orders.id
        group by orders.id
        having orders.net <> coalesce(sum(line.net), 0)
            or orders.discount <> coalesce(sum(line.discount), 0)
    """,
    "orders: what was refunded is the sum of the refunds": """
        select orders.id
        from orders_order as orders
        left join orders_refund as refund on refund.order_id = orders.id
        group by orders.id
        having orders.refunded <> coalesce(sum(refund.amount), 0)
    """,
    "orders: a refund is the sum of its lines": """
        select refund.id
        from orders_refund as refund
        left join orders_refundline as part on part.refund_id = refund.id
        group by refund.id
        having refund.amount <> coalesce(sum(part.amount), 0)
    """,
    "orders: no more is returned of a line than was bought": """
        select line.id
        from orders_orderline as line
        join orders_refundline as part on part.line_id = line.id
        group by line.id
        having sum(part.amount) > line.net or sum(part.quantity) > line.quantity
    """,
    "orders: a refund is of a line of its own order": """
        select part.id
        from orders_refundline as part
        join orders_refund as refund on refund.id = part.refund_id
        join orders_orderline as line on line.id = part.line_id
        where line.order_id <> refund.order_id
    """,
    "orders: no refund waits for an order that is paid, unless it says why": """
        select parked.id
        from orders_parkedrefund as parked
        join orders_order as orders
          on orders.source = parked.source
         and orders.external_id = parked.order_external_id
        where orders.paid_at is not null and parked.why = ''
    """,
    "orders: members' facts are those of their paid orders": """
        select member.id
        from members_member as member
        left join members_memberfacts as facts on facts.member_id = member.id
        left join orders_order as paid
               on paid.member_id = member.id and paid.paid_at is not null
        group by member.id, facts.orders, facts.spend
        having count(paid.id) <> coalesce(facts.orders, 0)
            or coalesce(sum(paid.net - paid.refunded), 0) <> coalesce(facts.spend, 0)
    """,
    "orders: a cancelled order is given back whole": """
        select id from orders_order where status = 'cancelled' and refunded <> net
    """,
    "orders: what is kept in a store is the sum of who keeps it": """
        select stock.id
        from catalog_stock as stock
        left join orders_reservation as kept
               on kept.variant_id = stock.variant_id and kept.store_id = stock.store_id
              and kept.state = 'held'
        group by stock.id
        having stock.reserved <> coalesce(sum(kept.quantity), 0)
    """,
    "orders: a pickup that was collected is whole or refunded": """
        select part.id
        from orders_pickup as pickup
        join orders_pickupline as part on part.pickup_id = pickup.id
        where pickup.state = 'collected' and part.collected < part.quantity
          and not exists (
              select from orders_refundline as back where back.line_id = part.line_id
          )
          and exists (
              select from orders_orderline as line
              where line.id = part.line_id and line.net > 0
          )
    """,
    "orders: what was paid at a store is paid": """
        select payment.id
        from orders_storepayment as payment
        join orders_order as orders on orders.id = payment.order_id
        where payment.state = 'paid' and orders.paid_at is null
    """,
    "orders: nothing is kept for what nobody paid in time": """
        select kept.id
        from orders_storepayment as payment
        join orders_order as orders on orders.id = payment.order_id
        join orders_reservation as kept on kept.order_id = orders.id
        where payment.state = 'expired' and orders.paid_at is null
          and kept.state = 'held'
    """,
    "orders: an accepted scan is of what it names": """
        select scan.id
        from orders_writeoff as scan
        left join loyalty_couponuse as used on used.id = scan.use_id
        left join orders_pickup as pickup on pickup.id = scan.pickup_id
        where scan.state = 'received'
           or scan.use_id is not null
              and (used.order_source <> 'scan'
                   or used.order_external_id <> scan.client_id::text)
           or scan.pickup_id is not null and pickup.collected_at is null
    """,
}
