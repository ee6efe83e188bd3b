"""The card, the terms, the faces and the short links."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image
from pytest_django import DjangoAssertNumQueries, Settings

from apps.attribution import services as attribution
from apps.attribution.models import Click, PromoLink
from apps.channels.models import Account
from apps.core import clock
from apps.loyalty.models import Standing, Tier
from apps.members.models import Member
from apps.shopper import barcodes
from apps.staff.models import Staff
from tests import make

pytestmark = pytest.mark.django_db

Phone = Callable[..., Client]


def test_the_card_shows_tier_and_what_was_bought(phone: Phone, siyu: Member) -> None:
    Tier.objects.create(code="silver", name="銀卡", threshold=5_000, benefit="95 折")
    Tier.objects.create(code="black", name="黑卡", threshold=50_000)
    now = clock.now()
    make.order(siyu, 50_000, placed_at=now - timedelta(days=400))
    make.order(siyu, 43_260, placed_at=now)
    Standing.objects.create(
        member=siyu, tier=Tier.objects.get(code="silver"), since=now
    )
    card = phone(siyu).get("/m/card/").content.decode()
    assert "銀卡" in card
    assert "再消費 NT$6,740 升黑卡" in card
    assert "NT$43,260" in card
    assert "點數" not in card


def test_the_card_of_somebody_new_is_quiet(phone: Phone, siyu: Member) -> None:
    card = phone(siyu).get("/m/card/").content.decode()
    assert "還沒有專屬店員" in card
    assert "購買次數" not in card


def test_a_card_takes_few_queries(
    phone: Phone, siyu: Member, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    client = phone(siyu)
    with django_assert_max_num_queries(18):
        client.get("/m/card/")


def test_without_a_cookie_the_card_goes_through_line(
    phone: Phone, line: Account
) -> None:
    response = phone().get("/m/card/")
    assert response.status_code == 302
    assert "/oauth2/v2.1/authorize?" in response["Location"]


def test_the_barcode_has_whole_pixels_and_a_quiet_zone() -> None:
    svg = barcodes.code128("2860012345678912")
    bars = [
        (int(x), int(w)) for x, w in re.findall(r'<rect x="(\d+)" width="(\d+)"', svg)
    ]
    assert 'width="286"' in svg
    assert bars[0][0] == 20
    assert bars[-1][0] + bars[-1][1] == 266
    assert all(x % 2 == 0 and w % 2 == 0 for x, w in bars)
    assert barcodes.grouped("2860012345678912") == "2860 0123 4567 8912"


def test_the_terms_name_their_version(client: Client, line: Account) -> None:
    assert "2026-11" in client.get("/m/terms/").content.decode()


class TestFaces:
    """What stands beside a salesperson's messages in LINE."""

    def face(self, client: Client, staff: Staff) -> Image.Image:
        response = client.get(f"/faces/{staff.pk}.png")
        assert response["Content-Type"] == "image/png"
        assert len(response.content) <= 1_000_000
        picture = Image.open(io.BytesIO(response.content))
        assert picture.format == "PNG"
        assert picture.width == picture.height
        return picture

    def test_a_portrait_is_drawn_for_who_has_none(
        self, client: Client, yijun: Staff
    ) -> None:
        self.face(client, yijun)

    def test_a_photograph_is_cut_to_a_square(
        self, client: Client, yijun: Staff, settings: Settings, tmp_path: object
    ) -> None:
        settings.MEDIA_ROOT = str(tmp_path)
        out = io.BytesIO()
        Image.effect_noise((1600, 900), 90).convert("RGB").save(out, "JPEG")
        yijun.photo.save("x.jpg", SimpleUploadedFile("x.jpg", out.getvalue()))
        assert self.face(client, yijun).width == 320

    def test_nobody_has_no_face(self, client: Client, line: Account) -> None:
        assert client.get("/faces/999999.png").status_code == 404


class TestLinks:
    """Short tracked links."""

    @pytest.fixture
    def link(self, yijun: Staff, siyu: Member, settings: Settings) -> PromoLink:
        settings.SHOP_URL = "https://shop.example"
        return attribution.make_link(
            yijun, None, member=siyu, product=None, now=clock.now()
        )

    def test_a_tap_is_kept_and_leads_to_the_shop(
        self, phone: Phone, link: PromoLink
    ) -> None:
        client = phone()
        first = client.get(f"/l/{link.code}")
        assert first.status_code == 302
        assert first["Location"] == link.target_url
        assert first["Location"].startswith("https://shop.example")
        visitor = first.cookies["visitor"].value
        assert client.get(f"/l/{link.code}").status_code == 302
        assert list(Click.objects.values_list("visitor", flat=True)) == [visitor] * 2
        click = Click.objects.first()
        assert click is not None
        assert (click.device, click.system, click.in_app) == ("mobile", "ios", "line")

    @pytest.mark.parametrize("agent", ["facebookexternalhit/1.1;line-poker/1.0"])
    def test_a_preview_is_no_tap(
        self, client: Client, link: PromoLink, agent: str
    ) -> None:
        response = client.get(f"/l/{link.code}", headers={"User-Agent": agent})
        assert response.status_code == 200
        assert not Click.objects.exists()

    def test_a_browser_that_looks_ahead_has_not_tapped(
        self, phone: Phone, link: PromoLink
    ) -> None:
        ahead = {"Sec-Purpose": "prefetch;prerender"}
        assert phone().get(f"/l/{link.code}", headers=ahead).status_code == 200
        assert not Click.objects.exists()

    def test_an_unknown_or_expired_link_is_a_friendly_page(
        self, phone: Phone, line: Account, link: PromoLink
    ) -> None:
        assert phone().get("/l/nothing").status_code == 404
        PromoLink.objects.update(expires_at=clock.now() - timedelta(days=1))
        gone = phone().get(f"/l/{link.code}")
        assert gone.status_code == 410
        assert "傳訊息問我們" in gone.content.decode()
        assert "連結過期了" in gone.content.decode()
        assert 'href="https://shop.example"' in gone.content.decode()
