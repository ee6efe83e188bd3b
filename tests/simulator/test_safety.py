"""The simulator knows nothing of the domain, and never runs in production."""

from __future__ import annotations

import io

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import get_resolver
from django.urls.resolvers import URLPattern, URLResolver
from PIL import Image
from pytest_django import Settings

from apps.simulator.checks import simulator_is_off_in_production
from apps.simulator.models import OfficialAccount, Person
from tests.simulator.conftest import Line


@pytest.mark.parametrize("switch", ["SIMULATOR", "SIMULATOR_URL"])
def test_a_deployment_with_the_simulator_on_is_an_error(
    settings: Settings, switch: str
) -> None:
    settings.SIMULATOR, settings.SIMULATOR_URL = False, ""
    setattr(settings, switch, "on")
    assert simulator_is_off_in_production() == []
    settings.LOCAL = False
    [error] = simulator_is_off_in_production()
    assert error.id == "simulator.E001"


def test_simulate_refuses_to_start_in_a_deployment(settings: Settings) -> None:
    settings.SIMULATOR, settings.LOCAL = True, False
    with pytest.raises(CommandError):
        call_command("simulate")


def patterns(resolver: URLResolver) -> list[URLPattern]:
    found: list[URLPattern] = []
    for entry in resolver.url_patterns:
        found += patterns(entry) if isinstance(entry, URLResolver) else [entry]
    return found


def test_every_address_declares_that_it_is_the_simulators() -> None:
    for pattern in patterns(get_resolver("apps.simulator.urls")):
        assert getattr(pattern.callback, "permission", "") == "simulator", pattern


def test_a_page_allows_no_inline_script_or_style(account: OfficialAccount) -> None:
    policy = Client().get("/")["Content-Security-Policy"]
    assert "unsafe" not in policy


def test_a_rich_menu_is_made_and_shown(
    line: Line, account: OfficialAccount, friend: Person
) -> None:
    action = {"type": "message", "label": "找店員", "text": "找店員"}
    bounds = {"x": 0, "y": 0, "width": 800, "height": 400}
    body = {
        "size": {"width": 800, "height": 400},
        "selected": True,
        "name": "main",
        "chatBarText": "會員選單",
        "areas": [{"bounds": bounds, "action": action}],
    }
    menu = line("POST", "/v2/bot/richmenu", body).json()["richMenuId"]
    link = f"/v2/bot/user/{friend.user_id}/richmenu"
    assert line("POST", f"{link}/{menu}").status_code == 400
    out = io.BytesIO()
    Image.new("RGB", (800, 400), "#1f4b7a").save(out, "PNG")
    path = f"/v2/bot/richmenu/{menu}/content"
    assert line("POST", path, out.getvalue(), type="image/png").status_code == 200
    assert line("POST", f"{link}/{menu}").status_code == 200
    assert line("GET", link).json() == {"richMenuId": menu}
    assert "會員選單" in Client().get(f"/phone/{friend.user_id}/").content.decode()
    line("DELETE", link)
    assert line("GET", link).status_code == 404
