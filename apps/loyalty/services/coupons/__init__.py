"""The verbs of coupons: design, publish, issue, open, check, reserve, redeem, void."""

from apps.loyalty.services.coupons.copies import (
    claim_coupon,
    open_coupon,
    void_at_counter,
    withdraw_coupon,
)
from apps.loyalty.services.coupons.design import (
    BadLine,
    Uploaded,
    draft_coupon,
    end_coupon,
    pause_coupon,
    publish_coupon,
    resume_coupon,
    revise_coupon,
    upload_codes,
)
from apps.loyalty.services.coupons.issuing import (
    Issued,
    NotIssued,
    issuable,
    issue,
    issue_bearer,
    left_for_staff,
)
from apps.loyalty.services.coupons.using import (
    CouponVerdict,
    check,
    coupon_terms,
    find_coupon,
    live_use,
    redeem,
    release_reservations,
    reserve,
    void,
)

__all__ = [
    "BadLine",
    "CouponVerdict",
    "Issued",
    "NotIssued",
    "Uploaded",
    "check",
    "claim_coupon",
    "coupon_terms",
    "draft_coupon",
    "end_coupon",
    "find_coupon",
    "issuable",
    "issue",
    "issue_bearer",
    "left_for_staff",
    "live_use",
    "open_coupon",
    "pause_coupon",
    "publish_coupon",
    "redeem",
    "release_reservations",
    "reserve",
    "resume_coupon",
    "revise_coupon",
    "upload_codes",
    "void",
    "void_at_counter",
    "withdraw_coupon",
]
