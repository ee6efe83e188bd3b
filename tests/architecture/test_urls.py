"""Every URL says who may open it, and every role gets just that."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import NoReverseMatch, reverse

from apps.staff import rules
from apps.staff.models import Staff
from tests.architecture.routes import Route, ours

SPECIAL = {"open_to_all", "machine"}
GUARDED = [route for route in ours() if route.permission not in SPECIAL]


@pytest.mark.parametrize("route", ours(), ids=lambda route: route.path)
def test_a_url_declares_its_permission(route: Route) -> None:
    assert route.permission in SPECIAL | rules.PERMISSIONS.keys(), (
        f"{route.path} ({route.view}) needs @may, @open_to_all or @machine"
    )


@pytest.fixture
def people(db: None) -> dict[str, Staff]:
    return {
        role: Staff.objects.create_user(f"r-{role}", name=role, role=role)
        for role in Staff.Role.values
    }


def _address(route: Route) -> str:
    """Return the URL with made-up arguments: nobody's, so in scope it is a 404."""
    made_up = {"pk": 987_654_321, "code_pk": 987_654_321, "slug": "nobodys"}
    try:
        return reverse(
            route.name,
            kwargs={key: made_up.get(key, 987_654_321) for key in route.needs},
        )
    except NoReverseMatch:
        pytest.fail(f"{route.path} has no name, or takes an argument not known here")


@pytest.mark.parametrize("route", GUARDED, ids=lambda route: route.path)
def test_each_role_gets_what_the_table_says(
    route: Route, people: dict[str, Staff], client: Client
) -> None:
    url = _address(route)
    for role, person in people.items():
        client.force_login(person)
        for method in ("get", "post"):
            status = getattr(client, method)(url).status_code
            if rules.may(role, str(route.permission)):
                assert status != 403, f"{role} {method} {url}"
                assert status < 500, f"{role} {method} {url}"
            else:
                assert status in {403, 405}, f"{role} {method} {url}"


@pytest.mark.parametrize("route", GUARDED, ids=lambda route: route.path)
def test_a_stranger_is_sent_to_sign_in(route: Route, client: Client, db: None) -> None:
    answer = client.get(_address(route))

    assert answer.status_code in {302, 405}
    if answer.status_code == 302:
        assert answer["Location"].startswith(reverse("account_login"))
