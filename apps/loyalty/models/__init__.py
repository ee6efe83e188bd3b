"""The members' rights: tiers and who stands where, points, gifts, coupons."""

from apps.loyalty.models.coupon_issues import CouponIssue, CouponUse
from apps.loyalty.models.coupons import Coupon, PackCode
from apps.loyalty.models.gifts import Gift, GiftRule
from apps.loyalty.models.notices import ExpiryNotice, ExpiryTold, LoyaltySettings
from apps.loyalty.models.point_rules import BurnPause, PointRule, TierMultiplier
from apps.loyalty.models.points import PointAccount, PointEntry, PointLot, PointUse
from apps.loyalty.models.tiers import (
    SpendWindow,
    Standing,
    Tier,
    TierChange,
    UpgradeCode,
    UpgradeCodeUse,
)

__all__ = [
    "BurnPause",
    "Coupon",
    "CouponIssue",
    "CouponUse",
    "ExpiryNotice",
    "ExpiryTold",
    "Gift",
    "GiftRule",
    "LoyaltySettings",
    "PackCode",
    "PointAccount",
    "PointEntry",
    "PointLot",
    "PointRule",
    "PointUse",
    "SpendWindow",
    "Standing",
    "Tier",
    "TierChange",
    "TierMultiplier",
    "UpgradeCode",
    "UpgradeCodeUse",
]
