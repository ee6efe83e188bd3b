"""The style page, the language switch, and the choice of page or fragment."""

from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.contrib.messages.storage.cookie import CookieStorage
from django.http import HttpRequest
from django.test import Client, RequestFactory
from pytest_django.fixtures import Settings as SettingsFixture

from apps.ui import htmx
from apps.ui.pictures import (
    FACES,
    PRODUCT_ARTS,
    PRODUCT_HUES,
    face_picture,
    product_picture,
)

STATIC = Path(settings.STATICFILES_DIRS[0])
BUDGET = 44 * 1024
SHEETS = ("tokens", "components", "hues")
SURFACES = {
    "HQ": ("hq",),
    "HQ inbox": ("hq", "chat"),
    "HQ overview": ("hq", "dashboard"),
    "HQ credit": ("hq", "credit"),
    "helper": ("helper",),
    "helper chat": ("helper", "chat"),
    "helper month": ("helper", "credit"),
    "member": ("customer",),
    "sign-in": ("entry",),
}


def asking(**headers: str) -> HttpRequest:
    request = RequestFactory().get("/x/", headers=headers)
    request.user = AnonymousUser()
    request._messages = CookieStorage(request)  # type: ignore[attr-defined]
    return request


def body(**headers: str) -> str:
    answer = htmx.page(
        asking(**headers), "ui/testing/parts.html", fragment=("board", "rows")
    )
    assert "HX-Request" in answer["Vary"]
    return answer.content.decode()


@pytest.fixture(autouse=True)
def _parts(tmp_path: Path, settings: SettingsFixture) -> None:
    folder = tmp_path / "ui" / "testing"
    folder.mkdir(parents=True)
    (folder / "parts.html").write_text(
        "{% load partials %}<html>{% partialdef board inline %}[board]"
        "{% endpartialdef %}{% partialdef rows inline %}[rows]{% endpartialdef %}",
        encoding="utf-8",
    )
    (engine,) = settings.TEMPLATES
    settings.TEMPLATES = [engine | {"DIRS": [tmp_path, *engine["DIRS"]]}]


def test_a_browser_gets_the_whole_page() -> None:
    assert body() == "<html>[board][rows]"


def test_htmx_gets_the_fragment_of_its_target() -> None:
    assert body(**{"HX-Request": "true"}) == "[board]"
    assert body(**{"HX-Request": "true", "HX-Target": "rows"}) == "[rows]"


def test_htmx_gets_the_whole_page_where_it_replaces_all_of_it() -> None:
    assert "<html>" in body(**{"HX-Request": "true", "HX-Boosted": "true"})
    restoring = {"HX-Request": "true", "HX-History-Restore-Request": "true"}
    assert "<html>" in body(**restoring)


def test_a_toast_travels_beside_other_events() -> None:
    answer = htmx.page(asking(), "ui/testing/parts.html")
    htmx.announce(answer, "conversation-answered", pk=42)
    htmx.toast(answer, "已結案", undo="/undo/")
    assert '"pk": 42' in answer["HX-Trigger"]
    assert '"undo": "/undo/"' in answer["HX-Trigger"]
    assert answer["HX-Trigger"].isascii()


@pytest.mark.django_db
@pytest.mark.parametrize("surface", ["", "helper", "member", "unknown"])
def test_the_style_page_shows_every_surface(client: Client, surface: str) -> None:
    answer = client.get("/ui/", {"surface": surface})
    assert answer.status_code == 200
    html = answer.content.decode()
    assert " style=" not in html
    assert "unsafe-inline" not in answer["Content-Security-Policy"]


@pytest.mark.django_db
def test_the_language_switch_is_remembered(client: Client) -> None:
    answer = client.post("/ui/language/", {"language": "en", "next": "/ui/"})
    assert answer.status_code == 302
    assert b'lang="en"' in client.get("/ui/").content


@pytest.mark.parametrize("name", SURFACES)
def test_no_surface_loads_more_style_than_its_budget(name: str) -> None:
    sheets = SHEETS + SURFACES[name]
    size = sum((STATIC / f"css/{sheet}.css").stat().st_size for sheet in sheets)
    assert size <= BUDGET


def test_every_picture_is_there_and_small() -> None:
    paths = [product_picture(art, hue) for art in PRODUCT_ARTS for hue in PRODUCT_HUES]
    paths += [face_picture(seed) for seed in range(FACES)]
    assert len(set(paths)) == len(PRODUCT_ARTS) * len(PRODUCT_HUES) + FACES
    assert all((STATIC / path).stat().st_size < 25_000 for path in paths)


def test_a_hue_between_the_drawn_ones_takes_the_nearest() -> None:
    assert product_picture("coat", 355) == "products/coat-10.png"
    assert product_picture("unknown", 90) == "products/coat-85.png"
