"""How conversations follow a merge of members."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy as _

from apps.conversations.models import Conversation
from apps.conversations.services import binding
from apps.members.models import Identity
from apps.members.services import movers
from apps.members.services.movers import Merging


@dataclass(frozen=True)
class Conversations(movers.Rows):
    """Conversations become the keeper's and lie on the desk of the bond that holds.

    Somebody who wrote from two LINE ids keeps two: each answer goes where the question
    came from.
    """

    def move(self, merging: Merging) -> int:
        """Move them and lay them anew."""
        moved = super().move(merging)
        binding.follow_binding(merging.keeper, now=merging.now)
        return moved

    def undo(self, merging: Merging) -> None:
        """Give them back and lay those of both anew.

        One that began after the merge goes with the LINE id that it is held with.
        """
        super().undo(merging)
        theirs = Identity.objects.filter(
            kind=Identity.Kind.LINE, member=merging.loser,
            account=OuterRef("account"), value=OuterRef("address"),
        )  # fmt: skip
        Conversation.objects.filter(Exists(theirs), member=merging.keeper).update(
            member=merging.loser
        )
        for member in (merging.keeper, merging.loser):
            binding.follow_binding(member, now=merging.now)


def register() -> None:
    """Register the mover of conversations; called once, when the apps are ready."""
    movers.register(Conversations("conversations.Conversation", _("對話")))
