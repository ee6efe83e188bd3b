"""How links, views and touches follow a merge of members."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from apps.members.services import movers


def register() -> None:
    """Register the movers of attribution; called once, when the apps are ready."""
    movers.register(
        movers.Rows("attribution.Touch", _("接觸紀錄")),
        movers.Rows("attribution.PromoLink", _("推廣連結")),
        movers.Rows("attribution.PageView", _("瀏覽紀錄")),
        movers.Rows("attribution.ShopSearch", _("搜尋紀錄")),
        movers.Rows("attribution.CartEvent", _("購物車紀錄")),
        movers.Rows("attribution.Visitor", _("瀏覽裝置")),
    )
