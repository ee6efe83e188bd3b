"""One person across channels, and the salesperson and store they are bound to."""

from apps.members.models.attribute import (
    Attribute,
    AttributeChoice,
    AttributeValue,
)
from apps.members.models.binding import Binding, BindingCode
from apps.members.models.code import OneTimeCode
from apps.members.models.consent import Consent
from apps.members.models.facts import MemberFacts
from apps.members.models.inquiry import Inquiry
from apps.members.models.lead import Lead
from apps.members.models.merge import Conflict, Merge, MergedRow
from apps.members.models.note import Note
from apps.members.models.person import Identity, Member, hue_of, new_number
from apps.members.models.steps import FirstStep
from apps.members.models.tag import MemberTag, Tag, TagDay

__all__ = [
    "Attribute",
    "AttributeChoice",
    "AttributeValue",
    "Binding",
    "BindingCode",
    "Conflict",
    "Consent",
    "FirstStep",
    "Identity",
    "Inquiry",
    "Lead",
    "Member",
    "MemberFacts",
    "MemberTag",
    "Merge",
    "MergedRow",
    "Note",
    "OneTimeCode",
    "Tag",
    "TagDay",
    "hue_of",
    "new_number",
]
