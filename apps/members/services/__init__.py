"""The verbs of members: meet, identify, register, bind."""

from apps.members.services.aliases import find_by_number, follow
from apps.members.services.aliases import hold as hold_members
from apps.members.services.answers import audience_of, set_values
from apps.members.services.attributes import (
    AttributeIn,
    archive_attribute,
    change_attribute,
    declare_attribute,
    move_attribute,
    restore_attribute,
)
from apps.members.services.bindings import (
    BindOutcome,
    bind,
    current_binding,
    foresee,
    unbind,
)
from apps.members.services.claiming import (
    Claim,
    Claimed,
    claim_phone,
    note_elsewhere,
)
from apps.members.services.codes import (
    binding_code,
    binding_codes,
    pass_on,
    prefilled_text,
    read_token,
    revoke,
    scanned,
    signed,
    token_in_text,
)
from apps.members.services.confirming import confirm_code, forget_codes, make_code
from apps.members.services.conflicts import keep_apart
from apps.members.services.consents import NOTICE, consent_of, say, say_all
from apps.members.services.identification import (
    CustomerKeys,
    Match,
    card_number,
    identify_batch,
    match_batch,
)
from apps.members.services.identities import (
    find_by_key,
    find_by_phone,
    line_identity,
    link_key,
    meet_line_user,
    meet_line_users,
    note_friendship,
)
from apps.members.services.inquiries import InquiryIn, inquire
from apps.members.services.leads import assign_leads, capture_lead, move_leads
from apps.members.services.merging import (
    Preview,
    late_words,
    merge,
    preview,
    undo_merge,
    undo_within,
    why_not_undo,
)
from apps.members.services.notes import (
    change_note,
    edit_note,
    hide_note,
    pin_note,
    write_note,
)
from apps.members.services.profiles import (
    ProfileIn,
    ProfileRefused,
    progress_of,
    save_profile,
)
from apps.members.services.records import MemberIn, Upserted
from apps.members.services.registration import register
from apps.members.services.tag_design import (
    TagMergePreview,
    archive_tag,
    make_tag,
    merge_tags,
    preview_tag_merge,
    restore_tag,
    revise_tag,
)
from apps.members.services.tag_rows import Tagged
from apps.members.services.tags import expire_tags, tag_members, untag_members
from apps.members.services.upsert import upsert

__all__ = [
    "NOTICE",
    "AttributeIn",
    "BindOutcome",
    "Claim",
    "Claimed",
    "CustomerKeys",
    "InquiryIn",
    "Match",
    "MemberIn",
    "Preview",
    "ProfileIn",
    "ProfileRefused",
    "TagMergePreview",
    "Tagged",
    "Upserted",
    "archive_attribute",
    "archive_tag",
    "assign_leads",
    "audience_of",
    "bind",
    "binding_code",
    "binding_codes",
    "capture_lead",
    "card_number",
    "change_attribute",
    "change_note",
    "claim_phone",
    "confirm_code",
    "consent_of",
    "current_binding",
    "declare_attribute",
    "edit_note",
    "expire_tags",
    "find_by_key",
    "find_by_number",
    "find_by_phone",
    "follow",
    "foresee",
    "forget_codes",
    "hide_note",
    "hold_members",
    "identify_batch",
    "inquire",
    "keep_apart",
    "late_words",
    "line_identity",
    "link_key",
    "make_code",
    "make_tag",
    "match_batch",
    "meet_line_user",
    "meet_line_users",
    "merge",
    "merge_tags",
    "move_attribute",
    "move_leads",
    "note_elsewhere",
    "note_friendship",
    "pass_on",
    "pin_note",
    "prefilled_text",
    "preview",
    "preview_tag_merge",
    "progress_of",
    "read_token",
    "register",
    "restore_attribute",
    "restore_tag",
    "revise_tag",
    "revoke",
    "save_profile",
    "say",
    "say_all",
    "scanned",
    "set_values",
    "signed",
    "tag_members",
    "token_in_text",
    "unbind",
    "undo_merge",
    "undo_within",
    "untag_members",
    "upsert",
    "why_not_undo",
    "write_note",
]
