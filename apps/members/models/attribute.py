"""What HQ wants to know of members beyond the common card, and each one's answer."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.members.models.person import Member
from apps.members.querysets import AttributeQuerySet
from apps.staff.models import Staff

LONGEST_TEXT = 300


class Attribute(models.Model):
    """A question that HQ declared: its kind, and who may see and answer it.

    HQ sees and edits all of them; `shown_to` and `edited_by` name who else does.
    """

    class Kind(models.TextChoices):
        TEXT = "text", _("文字")
        NUMBER = "number", _("數字")
        DATE = "date", _("日期")
        YES_NO = "yes_no", _("是或否")
        CHOICE = "choice", _("單選")
        CHOICES = "choices", _("複選")

    class Audience(models.TextChoices):
        MANAGER = "manager", _("店長")
        SALESPERSON = "salesperson", _("店員")
        CUSTOMER = "customer", _("顧客本人")

    PICKING = (Kind.CHOICE, Kind.CHOICES)

    key = models.CharField(
        _("代號"),
        max_length=30,
        unique=True,
        validators=[RegexValidator(r"^[a-z][a-z0-9_]*\Z")],
    )
    name = models.CharField(_("名稱"), max_length=40)
    kind = models.CharField(_("種類"), max_length=8, choices=Kind)
    unit = models.CharField(_("單位"), max_length=12, blank=True)
    help = models.CharField(_("說明"), max_length=120, blank=True)
    shown_to = ArrayField(
        models.CharField(max_length=12, choices=Audience),
        verbose_name=_("誰看得到"), default=list, blank=True,
    )  # fmt: skip
    edited_by = ArrayField(
        models.CharField(max_length=12, choices=Audience),
        verbose_name=_("誰可以改"), default=list, blank=True,
    )  # fmt: skip
    # Whether a profile without an answer is incomplete.
    is_required = models.BooleanField(_("個人資料必填"), default=False)
    position = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField()
    archived_at = models.DateTimeField(null=True)

    objects = AttributeQuerySet.as_manager()

    class Meta:
        verbose_name = _("會員欄位")
        verbose_name_plural = pgettext_lazy("plural", "會員欄位")
        ordering = ["position", "pk"]
        constraints = [
            # What the answers' foreign key points to: see the migration.
            models.UniqueConstraint(
                fields=["id", "kind"], name="attribute_and_its_kind"
            ),
            models.UniqueConstraint(
                "name", name="one_attribute_a_name", condition=Q(archived_at=None)
            ),
            models.CheckConstraint(
                condition=Q(shown_to__contains=F("edited_by")),
                name="who_edits_an_attribute_sees_it",
            ),
            models.CheckConstraint(
                condition=Q(is_required=False) | Q(edited_by__contains=["customer"]),
                name="what_a_profile_needs_the_customer_can_fill_in",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_picking(self) -> bool:
        """Tell whether its answers are picked from a list."""
        return self.kind in self.PICKING


class AttributeChoice(models.Model):
    """An answer that may be picked; one in use is archived, never deleted."""

    attribute = models.ForeignKey(Attribute, models.PROTECT, related_name="choices")
    label = models.CharField(max_length=40)
    position = models.PositiveSmallIntegerField(default=0)
    archived_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("選項")
        verbose_name_plural = pgettext_lazy("plural", "選項")
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint("attribute", "label", name="one_choice_a_label"),
            models.CheckConstraint(
                condition=~Q(label=""), name="a_choice_says_something"
            ),
        ]

    def __str__(self) -> str:
        return self.label


def _only(kind: str, column: str, **more: object) -> Q:
    """Return that just this column of the answer is filled."""
    columns = ("text", "number", "day", "flag", "picked")
    filled = {f"{name}__isnull": name != column for name in columns}
    return Q(kind=kind, **filled, **more)


class AttributeValue(models.Model):
    """A member's answer, in the column of its kind; no answer is no row."""

    # A merge swaps the rows of two people in one statement.
    member = models.ForeignKey(Member, models.PROTECT, related_name="attribute_values")
    attribute = models.ForeignKey(
        Attribute, models.PROTECT, related_name="values", db_index=False
    )
    kind = models.CharField(max_length=8, choices=Attribute.Kind)
    text = models.CharField(max_length=LONGEST_TEXT, null=True)  # noqa: DJ001  (null is "of another kind")
    number = models.DecimalField(max_digits=18, decimal_places=4, null=True)
    day = models.DateField(null=True)
    flag = models.BooleanField(null=True)
    picked = ArrayField(models.BigIntegerField(), null=True)  # ids of choices
    source = models.CharField(max_length=20)
    set_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    set_at = models.DateTimeField()

    class Meta:
        verbose_name = _("會員欄位的值")
        verbose_name_plural = pgettext_lazy("plural", "會員欄位的值")
        constraints = [
            models.UniqueConstraint(
                fields=["member", "attribute"],
                name="one_answer_an_attribute",
                deferrable=models.Deferrable.IMMEDIATE,
            ),
            models.CheckConstraint(
                condition=_only("text", "text") & ~Q(text="")
                | _only("number", "number")
                | _only("date", "day")
                | _only("yes_no", "flag")
                | _only("choice", "picked", picked__len=1)
                | _only("choices", "picked", picked__len__gte=1),
                name="an_answer_is_of_its_kind",
            ),
        ]
        # For segments: whose answer to this is that, or lies between.
        indexes = [
            models.Index(
                fields=["attribute", column],
                name=f"answers_by_{column}",
                condition=Q((f"{column}__isnull", False)),
            )
            for column in ("text", "number", "day", "flag")
        ] + [
            GinIndex(
                fields=["picked"], name="answers_by_choice",
                condition=Q(picked__isnull=False),
            )
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.member_id} {self.attribute_id}"
