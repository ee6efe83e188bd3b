"""The words that staff and HQ share about members, and how often each was given."""

from __future__ import annotations

from datetime import date

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower, Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.core import clock
from apps.members.models.person import Member
from apps.members.querysets import MemberTagQuerySet, TagQuerySet


class Tag(models.Model):
    """A word about members that staff and HQ share.

    An archived one stays on its members and is offered to nobody. One that was merged
    into another keeps its name and leads there, so that files and coupons which still
    name it reach the one that is left.
    """

    name = models.CharField(_("標籤"), max_length=30)
    # How long it stays after it was given last, in whole days; empty: for good.
    days = models.PositiveSmallIntegerField(_("幾天後到期"), null=True, blank=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    archived_at = models.DateTimeField(null=True, blank=True)
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="former"
    )
    members = models.ManyToManyField(
        Member, through="MemberTag", related_name="tags", blank=True
    )

    objects = TagQuerySet.as_manager()

    class Meta:
        verbose_name = _("標籤")
        verbose_name_plural = pgettext_lazy("plural", "標籤")
        constraints = [
            models.UniqueConstraint(Lower("name"), name="one_tag_a_name"),
            models.CheckConstraint(condition=~Q(name=""), name="a_tag_has_a_name"),
            models.CheckConstraint(
                condition=Q(days=None) | Q(days__gte=1), name="a_tag_lives_a_day"
            ),
            models.CheckConstraint(
                condition=Q(merged_into=None)
                | (Q(archived_at__isnull=False) & ~Q(merged_into=F("pk"))),
                name="a_merged_tag_is_archived",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_offered(self) -> bool:
        """Tell whether people may give it."""
        return self.archived_at is None


class MemberTag(models.Model):
    """A tag on a member: how often it was given, when, from where, until when."""

    class Source(models.TextChoices):
        """Where it was given first."""

        HQ = "hq", _("總部")
        STAFF = "staff", _("店員")
        IMPORT = "import", _("匯入")
        API = "api", "API"
        COUPON = "coupon", _("優惠券")
        BEFORE = "before", _("先前的資料")

    tag = models.ForeignKey(Tag, models.PROTECT, related_name="given", db_index=False)
    member = models.ForeignKey(Member, models.CASCADE, related_name="tagged")
    count = models.PositiveIntegerField(db_default=1)
    first_at = models.DateTimeField(db_default=Now())
    last_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField(null=True, blank=True)  # the end of a day
    source = models.CharField(
        max_length=8, choices=Source, db_default=Source.BEFORE.value
    )
    # What gave it last, such as a form that was sent: sent twice, it counts once.
    occasion = models.CharField(max_length=60, blank=True, db_default="")

    objects = MemberTagQuerySet.as_manager()

    class Meta:
        db_table = "members_tag_members"
        verbose_name = _("會員的標籤")
        verbose_name_plural = pgettext_lazy("plural", "會員的標籤")
        constraints = [
            models.UniqueConstraint(
                fields=["tag", "member"], name="one_row_a_tag_and_member"
            ),
            models.CheckConstraint(
                condition=Q(count__gte=1), name="a_tag_was_given_once_or_more"
            ),
            models.CheckConstraint(
                condition=Q(first_at__lte=F("last_at")),
                name="a_tag_was_given_first_before_last",
            ),
        ]
        indexes = [
            models.Index(F("tag"), F("last_at").desc(), name="member_tags_used"),
            models.Index(
                fields=["expires_at"],
                name="member_tags_to_expire",
                condition=Q(expires_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.tag_id} × {self.count}"

    @property
    def last_day(self) -> date | None:
        """Return the last day on which the member has it; None for no end."""
        return clock.last_day_before(self.expires_at)


class TagDay(models.Model):
    """How often a member was given a tag on a day of Taipei; it goes with the tag."""

    given = models.ForeignKey(
        MemberTag, models.CASCADE, related_name="by_day", db_index=False
    )
    day = models.DateField()
    count = models.PositiveIntegerField()

    class Meta:
        verbose_name = _("標籤的每日次數")
        verbose_name_plural = pgettext_lazy("plural", "標籤的每日次數")
        constraints = [
            models.UniqueConstraint(
                fields=["given", "day"], include=["count"], name="one_row_a_tag_and_day"
            ),
            models.CheckConstraint(
                condition=Q(count__gte=1), name="a_tag_day_counts_something"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day} × {self.count}"
