"""How the tables of this room follow a merge."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.members.services import movers
from apps.members.services.merged_answers import Answers
from apps.members.services.merged_bonds import Bonds
from apps.members.services.merged_tags import Tags


def register() -> None:
    """Register the movers of members; called once, when the apps are ready."""
    movers.register(
        movers.Rows("members.Identity", pgettext_lazy("plural", "身分")),
        Bonds(_("綁定紀錄")),
        movers.Rows("members.Consent", _("同意紀錄")),
        movers.Rows("members.Note", _("備註")),
        Tags(_("標籤")),
        # Aliases of the loser lead straight to the keeper.
        movers.Rows("members.Member", _("先前併入的資料"), "merged_into"),
        movers.stays("made anew from the orders", ("members.MemberFacts", "member")),
        Answers(pgettext_lazy("plural", "會員欄位")),
        movers.stays("a step that is looked at soon", ("members.FirstStep", "member")),
        movers.Rows("members.Inquiry", _("詢問")),
        movers.stays("what became of the lead", ("members.Lead", "member")),
        movers.stays(
            "who was taken for whom",
            ("members.Conflict", "first"),
            ("members.Conflict", "second"),
            ("members.Merge", "keeper"),
            ("members.Merge", "loser"),
        ),
    )
