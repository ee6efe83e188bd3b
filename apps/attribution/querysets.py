"""Which orders a person may have explained."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q

from apps.attribution.models import Decision
from apps.orders.models import Order
from apps.orders.querysets import OrderQuerySet
from apps.staff import rules as staff_rules
from apps.staff.models import Staff


def explainable_to(viewer: Staff) -> OrderQuerySet:
    """Return the orders whose credit the person may read about.

    HQ all; a salesperson those in which they are a candidate; a manager also those in
    which somebody of the stores is, and the stores' own.
    """
    if staff_rules.may(viewer.role, "hq.credits"):
        return Order.objects.all()
    people = [viewer.pk]
    scope = Q()
    if viewer.role == Staff.Role.MANAGER:
        people += Staff.objects.visible_to(viewer).values_list("pk", flat=True)
        scope = Q(store__in=viewer.postings.values("store"))
    concerned = Decision.objects.filter(
        line__order=OuterRef("pk"), people__overlap=people
    )
    return Order.objects.filter(scope | Q(Exists(concerned)))
