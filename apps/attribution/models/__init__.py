"""The rows of credit: evidence and rulings, and what a draft policy would change."""

from apps.attribution.models.browsing import CartEvent, PageView, ShopSearch
from apps.attribution.models.evidence import (
    Basis,
    Credit,
    Decision,
    Policy,
    Touch,
)
from apps.attribution.models.links import Click, PromoLink, new_code
from apps.attribution.models.simulation import (
    PolicyDraft,
    Simulation,
    SimulationChange,
    SimulationSum,
)
from apps.attribution.models.visitors import Visitor

__all__ = [
    "Basis",
    "CartEvent",
    "Click",
    "Credit",
    "Decision",
    "PageView",
    "Policy",
    "PolicyDraft",
    "PromoLink",
    "ShopSearch",
    "Simulation",
    "SimulationChange",
    "SimulationSum",
    "Touch",
    "Visitor",
    "new_code",
]
