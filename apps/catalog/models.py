"""What the shop sells and how much of it lies in each store."""

from django.db import models
from django.db.models import Q
from django.templatetags.static import static
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.catalog.querysets import ProductQuerySet
from apps.core.money import MoneyField
from apps.core.names import in_language
from apps.stores.models import Store
from apps.ui.pictures import product_picture


class Category(models.Model):
    """A shelf of the shop."""

    slug = models.SlugField(_("代號"), unique=True)
    name = models.CharField(_("名稱"), max_length=40)
    name_en = models.CharField(_("英文名稱"), max_length=60, blank=True)

    class Meta:
        verbose_name = _("分類")
        verbose_name_plural = pgettext_lazy("plural", "分類")

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """Return the name in the reader's language."""
        return in_language(self.name, self.name_en)


class Product(models.Model):
    """A thing for sale, in one or more variants."""

    code = models.SlugField(_("商品代號"), max_length=30, unique=True)
    name = models.CharField(_("名稱"), max_length=60)
    name_en = models.CharField(_("英文名稱"), max_length=80, blank=True)
    category = models.ForeignKey(
        Category, models.PROTECT, verbose_name=_("分類"), related_name="products"
    )
    price = MoneyField(_("售價"))
    description = models.TextField(_("說明"), blank=True)
    path = models.CharField(_("官網路徑"), max_length=200, blank=True)
    picture = models.ImageField(_("照片"), upload_to="products", blank=True)
    # The drawing shown while there is no photograph, and its tint.
    art = models.CharField(_("圖樣"), max_length=20, blank=True)
    hue = models.PositiveSmallIntegerField(_("色相"), default=60)
    is_active = models.BooleanField(_("上架"), default=True)

    objects = ProductQuerySet.as_manager()

    class Meta:
        verbose_name = _("商品")
        verbose_name_plural = pgettext_lazy("plural", "商品")
        constraints = [
            models.CheckConstraint(
                condition=Q(price__gte=0), name="price_is_not_negative"
            ),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """Return the name in the reader's language."""
        return in_language(self.name, self.name_en)

    @property
    def picture_url(self) -> str:
        """Return the photograph's address, or that of the drawing in its place."""
        if self.picture:
            return self.picture.url
        return static(product_picture(self.art, self.hue))


class Variant(models.Model):
    """A product in one colour and size: what is counted, priced and rung up."""

    product = models.ForeignKey(
        Product, models.CASCADE, verbose_name=_("商品"), related_name="variants"
    )
    sku = models.CharField("SKU", max_length=40, unique=True)
    color = models.CharField(_("顏色"), max_length=20, blank=True)
    size = models.CharField(_("尺寸"), max_length=12, blank=True)

    class Meta:
        verbose_name = _("規格")
        verbose_name_plural = pgettext_lazy("plural", "規格")

    def __str__(self) -> str:
        return self.sku


class Stock(models.Model):
    """How many of a variant lie in a store, and how many of those are kept.

    The shelf's own count may fall below what is kept; then nothing is available.
    """

    variant = models.ForeignKey(Variant, models.CASCADE, related_name="stock")
    store = models.ForeignKey(Store, models.CASCADE, related_name="stock")
    quantity = models.PositiveIntegerField(_("數量"), default=0)
    reserved = models.PositiveIntegerField(
        _("保留"), default=0, db_default=0, editable=False
    )

    class Meta:
        verbose_name = _("庫存")
        verbose_name_plural = pgettext_lazy("plural", "庫存")
        constraints = [
            models.UniqueConstraint("variant", "store", name="one_stock_a_store"),
        ]

    def __str__(self) -> str:
        return f"{self.variant} @ {self.store}: {self.quantity}"

    @property
    def available(self) -> int:
        """Return how many may still be promised."""
        return max(self.quantity - self.reserved, 0)
