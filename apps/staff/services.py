"""Post people to stores, and let them go; the past is kept."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from apps.audit import services as audit
from apps.core import clock
from apps.core.errors import Refused
from apps.staff.models import Posting, Staff
from apps.stores.models import Store


def posting_of(staff: Staff, day: date) -> Posting | None:
    """Return where the person serves on the day: the main posting, else the oldest."""
    return (
        staff.postings.on(day)
        .select_related("store__region")
        .order_by("-is_main", "starts_on", "pk")
        .first()
    )


def main_store(staff: Staff, day: date) -> Store | None:
    """Return the person's store on the day, None where nobody posted them."""
    posting = posting_of(staff, day)
    return posting.store if posting else None


def serves_at(staff: Staff, store: Store, day: date) -> bool:
    """Tell whether customers can be served by the person at the store on the day."""
    return (
        Staff.objects.serving()
        .filter(pk=staff.pk, postings__in=Posting.objects.on(day).filter(store=store))
        .exists()
    )


@transaction.atomic
def post(
    staff: Staff,
    store: Store,
    *,
    starts_on: date,
    by: Staff | None,
    now: datetime,
    ends_on: date | None = None,
    is_main: bool = True,
) -> Posting:
    """Post a person to a store from a day until the day before `ends_on`.

    A new main posting takes that place from the others. Refused: "left" for somebody
    who left, "posted" where a posting to the same store overlaps.
    """
    staff = Staff.objects.select_for_update(no_key=True).get(pk=staff.pk)
    if not staff.is_active:
        raise Refused("left", _("%(name)s已離職，不能派駐。") % {"name": staff.label})
    days = Q(ends_on__isnull=True) | Q(ends_on__gt=starts_on)
    if ends_on is not None:
        days &= Q(starts_on__lt=ends_on)
    others = staff.postings.filter(days)
    if others.filter(store=store).exists():
        raise Refused(
            "posted",
            _("%(name)s在這段期間已派駐%(store)s。")
            % {"name": staff.label, "store": store.label},
        )
    if is_main:
        others.filter(is_main=True).update(is_main=False)
    posting = Posting.objects.create(
        staff=staff, store=store, starts_on=starts_on, ends_on=ends_on, is_main=is_main
    )
    audit.record("staff.posted", staff, by=by, now=now, store=store.code,
                 starts_on=starts_on, ends_on=ends_on, is_main=is_main)  # fmt: skip
    return posting


@transaction.atomic
def deactivate(
    staff: Staff, *, by: Staff | None, now: datetime, left_on: date | None = None
) -> Staff:
    """Let a person go: nobody signs in as them and their postings end.

    `left_on` is the last day of work, today if not given. Customers stay bound until
    they are handed over. Refused: "self" for oneself, "last_admin" for the last admin.
    """
    admins = Staff.objects.filter(role=Staff.Role.ADMIN, is_active=True)
    list(admins.order_by("pk").select_for_update(no_key=True).values_list("pk"))
    staff = Staff.objects.select_for_update(no_key=True).get(pk=staff.pk)
    if by is not None and by.pk == staff.pk:
        raise Refused("self", _("不能停用自己的帳號，讓另一位管理員來做。"))
    if staff.role == Staff.Role.ADMIN and not admins.exclude(pk=staff.pk).exists():
        raise Refused("last_admin", _("這是最後一位總部管理員，先指定另一位。"))
    if not staff.is_active:
        return staff
    last_day = left_on or clock.day_of(now)
    _end_postings(staff, last_day + timedelta(days=1))
    staff.is_active, staff.left_on = False, last_day
    staff.save(update_fields=["is_active", "left_on"])
    audit.record("staff.deactivated", staff, by=by, now=now, left_on=last_day)
    return staff


@transaction.atomic
def reactivate(staff: Staff, *, by: Staff | None, now: datetime) -> Staff:
    """Take a person back; they are posted anew by hand."""
    staff = Staff.objects.select_for_update(no_key=True).get(pk=staff.pk)
    if not staff.is_active:
        staff.is_active, staff.left_on = True, None
        staff.save(update_fields=["is_active", "left_on"])
        audit.record("staff.reactivated", staff, by=by, now=now)
    return staff


def _end_postings(staff: Staff, ends_on: date) -> None:
    """End what runs on that day or later; what had not begun never happens."""
    staff.postings.filter(starts_on__gte=ends_on).delete()
    running = Q(ends_on__isnull=True) | Q(ends_on__gt=ends_on)
    staff.postings.filter(running).update(ends_on=ends_on)
