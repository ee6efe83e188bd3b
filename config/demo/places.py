"""The demo's stores, staff, goods, account and rates."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random

from django.contrib.auth.hashers import make_password
from faker import Faker

from apps.catalog.models import Category, Product, Stock, Variant
from apps.channels.models import Account
from apps.core import clock
from apps.loyalty.models import Tier
from apps.members import services as members
from apps.staff.models import Posting, Staff
from apps.stores.models import Region, Store
from config.demo import brand


@dataclass(frozen=True)
class Places:
    """What the rest of the story takes place in."""

    account: Account
    stores: list[Store]
    weights: list[int]
    sellers: dict[int, list[Staff]]  # by store id
    products: list[Product]
    variants: dict[int, list[Variant]]  # by product id


def build(random: Random, faker: Faker, *, now: datetime) -> Places:
    """Make everything that stands before the first customer comes."""
    stores = _stores()
    _tiers()
    sellers = _staff(random, faker, stores, today=clock.day_of(now))
    for people in sellers.values():
        for person in people:
            members.binding_code(person, person.postings.get().store, now=now)
    products, variants = _goods(random, stores)
    return Places(
        account=_account(),
        stores=stores,
        weights=[place.weight for place in brand.STORES],
        sellers=sellers,
        products=products,
        variants=variants,
    )


def _account() -> Account:
    return Account.objects.create(
        slug=brand.ACCOUNT_SLUG,
        name=brand.NAME,
        basic_id=brand.BASIC_ID,
        bot_user_id=brand.BOT_USER_ID,
        badge=Account.Badge.VERIFIED,
        channel_id="1650000001",
        channel_secret=brand.CHANNEL_SECRET,
        access_token="demo-access-token",  # noqa: S106  (the stand-in's)
        login_channel_id="1650000002",
        login_channel_secret="demo-login-secret",  # noqa: S106
        liff_id="1650000002-sunstrm",
    )


def _stores() -> list[Store]:
    regions = {
        name: Region.objects.create(name=name, name_en=english)
        for name, english in brand.REGIONS.items()
    }
    return Store.objects.bulk_create(
        Store(
            code=place.code,
            name=place.name,
            name_en=place.name_en,
            region=regions[place.region],
            city=place.city,
            address=place.address,
            phone=f"02-2712-{index:04d}",
            opens_at=time(11),
            closes_at=time(21, 30),
        )
        for index, place in enumerate(brand.STORES, start=1180)
    )


def _tiers() -> None:
    Tier.objects.bulk_create(
        Tier(code=code, name=name, name_en=english, threshold=least, benefit=benefit)
        for code, name, english, least, benefit in (
            ("base", "一般", "Classic", 0, ""),
            ("silver", "銀卡", "Silver", 8_000, "消費 95 折"),
            ("gold", "金卡", "Gold", 18_000, "消費 92 折"),
            ("black", "黑卡", "Black", 36_000, "消費 9 折"),
        )
    )


def _staff(
    random: Random, faker: Faker, stores: list[Store], *, today: date
) -> dict[int, list[Staff]]:
    password = make_password(brand.PASSWORD)
    by_code = {store.code: store for store in stores}
    people: list[tuple[Staff, str]] = [
        (_person(who, password, today), who.store) for who in (*brand.HQ, *brand.CAST)
    ]
    fill = brand.STAFF_IN_STORES - len(brand.CAST)
    codes = random.choices(
        [place.code for place in brand.STORES],
        weights=[place.weight for place in brand.STORES],
        k=fill,
    )
    for index, code in enumerate(codes, start=1):
        who = brand.DemoStaff(
            f"s{index:03d}", faker.name(), "", "salesperson", code, "很高興為您服務"
        )
        people.append((_person(who, password, today), code))
    Staff.objects.bulk_create([person for person, _code in people])
    posted = [(person, by_code[code]) for person, code in people if code]
    Posting.objects.bulk_create(
        Posting(staff=person, store=store, starts_on=today - timedelta(days=800))
        for person, store in posted
    )
    sellers: dict[int, list[Staff]] = {store.pk: [] for store in stores}
    for person, store in posted:
        sellers[store.pk].append(person)
    return sellers


def _person(who: brand.DemoStaff, password: str, today: date) -> Staff:
    return Staff(
        code=who.code,
        name=who.name,
        name_en=who.name_en,
        role=who.role,
        greeting=who.greeting,
        password=password,
        joined_on=today - timedelta(days=800),
    )


def _goods(
    random: Random, stores: list[Store]
) -> tuple[list[Product], dict[int, list[Variant]]]:
    categories = {
        slug: Category.objects.create(slug=slug, name=name, name_en=english)
        for slug, (name, english) in brand.CATEGORIES.items()
    }
    products = Product.objects.bulk_create(
        Product(
            code=thing.code,
            category=categories[thing.category],
            name=thing.name,
            name_en=thing.name_en,
            price=thing.price,
            description=thing.description,
            path=f"/products/{thing.code}/",
            art=thing.category,
            hue=thing.hue,
        )
        for thing in brand.PRODUCTS
    )
    variants = Variant.objects.bulk_create(
        Variant(
            product=product,
            sku=f"{product.code}-{color_index}{size}".upper(),
            color=color,
            size=size,
        )
        for product, thing in zip(products, brand.PRODUCTS, strict=True)
        for color_index, color in enumerate(thing.colors, start=1)
        for size in brand.SIZES[thing.category]
    )
    Stock.objects.bulk_create(
        Stock(variant=variant, store=store, quantity=random.choice((0, 1, 2, 3, 5, 8)))
        for variant in variants
        for store in stores
    )
    by_product: dict[int, list[Variant]] = {product.pk: [] for product in products}
    for variant in variants:
        by_product[variant.product_id].append(variant)
    return products, by_product
