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
OPEN = [route for route in ours() if route.permission == "open_to_all"]
MACHINE = [route for route in ours() if route.permission == "machine"]
METHODS = ("get", "post", "delete")
NOBODY = 987_654_321
MADE_UP = {
    "slug": "nobodys", "token": "nobodys", "code": "nobodys", "rest": "b/nobodys/",
    "source": "nobodys", "external_id": "A1", "kind": "nobodys",
}  # fmt: skip


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
    try:
        return reverse(
            route.name, kwargs={key: MADE_UP.get(key, NOBODY) for key in route.needs}
        )
    except NoReverseMatch:
        pytest.fail(f"{route.path} has no name, or takes an argument not known here")


def _ask_all(client: Client, route: Route) -> dict[str, int]:
    """Return the status of each method, nothing sent along."""
    url = _address(route)
    return {how: getattr(client, how)(url).status_code for how in METHODS}


@pytest.mark.parametrize("route", GUARDED, ids=lambda route: route.path)
def test_each_role_gets_what_the_table_says(
    route: Route, people: dict[str, Staff], client: Client
) -> None:
    for role, person in people.items():
        client.force_login(person)
        answers = {
            how: status
            for how, status in _ask_all(client, route).items()
            if status != 405
        }
        assert answers, f"{route.path} takes none of {METHODS}"
        if rules.may(role, str(route.permission)):
            assert all(status < 500 and status != 403 for status in answers.values()), (
                f"{role}: {answers}"
            )
        else:
            assert set(answers.values()) == {403}, f"{role}: {answers}"


@pytest.mark.parametrize("route", GUARDED, ids=lambda route: route.path)
def test_a_stranger_is_sent_to_sign_in(route: Route, client: Client, db: None) -> None:
    answer = client.get(_address(route))

    assert answer.status_code in {302, 405}
    if answer.status_code == 302:
        assert answer["Location"].startswith(reverse("account_login"))


@pytest.mark.parametrize("route", OPEN, ids=lambda route: route.path)
def test_an_open_page_stands_what_a_stranger_asks(
    route: Route, client: Client, db: None
) -> None:
    answers = _ask_all(client, route)

    assert max(answers.values()) < 500 or route.path == "readyz", answers


@pytest.mark.parametrize("route", MACHINE, ids=lambda route: route.path)
def test_a_machine_door_gives_nothing_to_who_shows_no_key(
    route: Route, client: Client, db: None
) -> None:
    answers = _ask_all(client, route)

    assert all(400 <= status < 500 or status == 204 for status in answers.values()), (
        answers
    )
