"""The words that staff and HQ share about members."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.members.models.person import Member


class Tag(models.Model):
    """A word about members that staff and HQ share."""

    name = models.CharField(_("標籤"), max_length=30, unique=True)
    members = models.ManyToManyField(Member, related_name="tags", blank=True)

    class Meta:
        verbose_name = _("標籤")
        verbose_name_plural = pgettext_lazy("plural", "標籤")

    def __str__(self) -> str:
        return self.name
