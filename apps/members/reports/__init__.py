"""What screens show of members: bonds, records side by side, consents, answers."""

from apps.members.reports.attributes import (
    AttributeLine,
    AttributeSheet,
    Said,
    answers_by_key,
    attribute_lines,
    attribute_sheet,
    edited_answers,
)
from apps.members.reports.bonds import BindingCount, binding_counts
from apps.members.reports.profile import (
    ConsentLine,
    NoteLine,
    consent_lines,
    note_lines,
)
from apps.members.reports.sides import (
    FIELD_WORDS,
    Changed,
    Choice,
    Sides,
    changed_fields,
    side_by_side,
    words_of,
)

__all__ = [
    "FIELD_WORDS",
    "AttributeLine",
    "AttributeSheet",
    "BindingCount",
    "Changed",
    "Choice",
    "ConsentLine",
    "NoteLine",
    "Said",
    "Sides",
    "answers_by_key",
    "attribute_lines",
    "attribute_sheet",
    "binding_counts",
    "changed_fields",
    "consent_lines",
    "edited_answers",
    "note_lines",
    "side_by_side",
    "words_of",
]
