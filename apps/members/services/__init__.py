"""The verbs of members: meet, identify, register, bind."""

from apps.members.services.bindings import (
    BindOutcome,
    bind,
    current_binding,
    foresee,
    unbind,
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
from apps.members.services.identification import CustomerKeys, identify_batch
from apps.members.services.identities import (
    find_by_phone,
    line_identity,
    meet_line_user,
    meet_line_users,
    note_friendship,
)
from apps.members.services.registration import NOTICE, register

__all__ = [
    "NOTICE",
    "BindOutcome",
    "CustomerKeys",
    "bind",
    "binding_code",
    "binding_codes",
    "current_binding",
    "find_by_phone",
    "foresee",
    "identify_batch",
    "line_identity",
    "meet_line_user",
    "meet_line_users",
    "note_friendship",
    "pass_on",
    "prefilled_text",
    "read_token",
    "register",
    "revoke",
    "scanned",
    "signed",
    "token_in_text",
    "unbind",
]
