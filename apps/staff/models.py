"""The people who work for the brand, and where each of them serves."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Func, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.core.names import in_language
from apps.staff.querysets import PostingQuerySet, StaffQuerySet
from apps.stores.models import Store


class DateRange(Func):
    """PostgreSQL's half-open range of days."""

    function = "daterange"
    output_field = DateRangeField()


class StaffManager(BaseUserManager["Staff"]):
    """Makes people who can sign in."""

    def get_queryset(self) -> StaffQuerySet:
        """Return everybody, ready to be narrowed."""
        return StaffQuerySet(self.model, using=self._db)

    def serving(self) -> StaffQuerySet:
        """Return those who serve customers."""
        return self.get_queryset().serving()

    def visible_to(self, viewer: Staff) -> StaffQuerySet:
        """Return whom the viewer may see."""
        return self.get_queryset().visible_to(viewer)

    def create_user(
        self, code: str, password: str | None = None, **fields: object
    ) -> Staff:
        """Add a person; without a password nobody can sign in as them."""
        person: Staff = self.model(code=code, **fields)
        person.set_password(password)
        person.save(using=self._db)
        return person

    def create_superuser(
        self, code: str, password: str | None = None, **fields: object
    ) -> Staff:
        """Add an HQ admin, for `manage.py createsuperuser`."""
        fields.setdefault("name", code)
        return self.create_user(
            code, password, role=Staff.Role.ADMIN, is_superuser=True, **fields
        )


class Staff(AbstractBaseUser, PermissionsMixin):
    """A person of HQ or of a store. Leavers are deactivated, never deleted."""

    class Role(models.TextChoices):
        ADMIN = "admin", _("總部管理員")
        MARKETING = "marketing", _("總部行銷")
        SERVICE = "service", _("總部客服")
        FINANCE = "finance", _("財務")
        MANAGER = "manager", _("店長")
        SALESPERSON = "salesperson", _("店員")

    HQ_ROLES: ClassVar = {Role.ADMIN, Role.MARKETING, Role.SERVICE, Role.FINANCE}

    code = models.CharField(
        _("員工編號"),
        max_length=20,
        unique=True,
        validators=[RegexValidator(r"^[A-Za-z0-9_-]+$")],
    )
    name = models.CharField(_("姓名"), max_length=40)
    name_en = models.CharField(_("英文姓名"), max_length=60, blank=True)
    role = models.CharField(
        _("角色"), max_length=12, choices=Role, default=Role.SALESPERSON
    )
    email = models.EmailField(_("電子郵件"), blank=True)
    phone = models.CharField(_("手機"), max_length=20, blank=True)
    # Whoever buys for this address is the person themselves, and earns nothing by it.
    address = models.CharField(_("住址"), max_length=200, blank=True)
    greeting = models.CharField(_("給顧客的一句話"), max_length=60, blank=True)
    photo = models.ImageField(_("照片"), upload_to="staff", blank=True)
    is_active = models.BooleanField(_("在職"), default=True)
    joined_on = models.DateField(_("到職日"), null=True, blank=True)
    left_on = models.DateField(_("離職日"), null=True, blank=True)

    objects = StaffManager()

    USERNAME_FIELD = "code"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar = ["name"]

    class Meta:
        verbose_name = _("人員")
        verbose_name_plural = pgettext_lazy("plural", "人員")
        ordering = ["code"]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """Return the name in the reader's language."""
        return in_language(self.name, self.name_en)

    @property
    def hue(self) -> int:
        """Return the person's tint, one of 36, the same on every screen."""
        return (self.pk or 0) * 70 % 360

    @property
    def is_hq(self) -> bool:
        """Tell whether the person works for HQ."""
        return self.role in self.HQ_ROLES

    @property
    def is_staff(self) -> bool:
        """Tell whether Django's admin may be opened."""
        return self.is_active and self.role == self.Role.ADMIN

    def has_perm(self, perm: str, obj: object = None) -> bool:
        """Tell whether Django's admin lets the person act: an HQ admin may all."""
        return self.is_staff

    def has_module_perms(self, app_label: str) -> bool:
        """Tell whether Django's admin shows the person an app."""
        return self.is_staff


class Posting(models.Model):
    """A person serves at a store from a day until the day before `ends_on`."""

    staff = models.ForeignKey(
        Staff, models.PROTECT, verbose_name=_("人員"), related_name="postings"
    )
    store = models.ForeignKey(
        Store, models.PROTECT, verbose_name=_("門市"), related_name="postings"
    )
    starts_on = models.DateField(_("開始日"))
    ends_on = models.DateField(_("結束日（不含）"), null=True, blank=True)
    is_main = models.BooleanField(_("主要門市"), default=True)

    objects = PostingQuerySet.as_manager()

    class Meta:
        verbose_name = _("派駐")
        verbose_name_plural = pgettext_lazy("plural", "派駐")
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gt=F("starts_on")),
                name="posting_ends_after_start",
                violation_error_message=_("結束日要晚於開始日。"),
            ),
            ExclusionConstraint(
                name="postings_do_not_overlap",
                violation_error_message=_("這段期間已經派駐這間門市。"),
                expressions=[
                    ("staff", RangeOperators.EQUAL),
                    ("store", RangeOperators.EQUAL),
                    (DateRange("starts_on", "ends_on"), RangeOperators.OVERLAPS),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.staff} @ {self.store}"
