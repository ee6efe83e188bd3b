"""Who may open a page: sent to sign in, refused, or let in; and what pages know."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from apps.staff import rules
from apps.staff.access import StaffRequest, machine, may, open_to_all, topics_of
from apps.staff.context import permissions
from apps.staff.models import Staff


@may("hq.inbox")
def inbox(request: StaffRequest, pk: int) -> HttpResponse:
    return HttpResponse(f"{request.staff.name} {pk}")


def request_of(person: Staff | None) -> HttpRequest:
    request = RequestFactory().get("/hq/inbox/?page=2")
    request.user = person or AnonymousUser()
    return request


def person(role: str, *, is_active: bool = True) -> Staff:
    return Staff(pk=1, code="e1", name="林怡君", role=role, is_active=is_active)


def test_a_stranger_is_sent_to_sign_in_and_back() -> None:
    response = inbox(request_of(None), 1)
    assert response.status_code == 302
    assert response["Location"] == "/account/login/?next=/hq/inbox/%3Fpage%3D2"


def test_somebody_who_left_is_a_stranger() -> None:
    response = inbox(request_of(person(Staff.Role.ADMIN, is_active=False)), 1)
    assert response.status_code == 302


@pytest.mark.parametrize("role", Staff.Role.values)
def test_a_role_is_let_in_or_refused(role: str) -> None:
    if role in rules.PERMISSIONS["hq.inbox"]:
        answer = inbox(request_of(person(role)), 7)
        assert isinstance(answer, HttpResponse)
        assert answer.content.decode() == "林怡君 7"
    else:
        with pytest.raises(PermissionDenied):
            inbox(request_of(person(role)), 7)


def test_every_view_says_who_may_open_it() -> None:
    def view(request: HttpRequest) -> HttpResponse:
        return HttpResponse()

    assert inbox.permission == "hq.inbox"  # type: ignore[attr-defined]  # set by may
    assert open_to_all(view).permission == "open_to_all"  # type: ignore[attr-defined]
    assert machine(view).permission == "machine"  # type: ignore[attr-defined]


def test_a_permission_nobody_knows_is_a_defect() -> None:
    with pytest.raises(LookupError):
        may("hq.inbocks")


def test_pages_know_what_the_person_may_do() -> None:
    assert permissions(request_of(None)) == {}
    assert permissions(HttpRequest()) == {}
    known = permissions(request_of(person(Staff.Role.SALESPERSON)))["may"]
    assert known == rules.permissions_of("salesperson")
    assert "helper.chat" in known
    assert "hq.open" not in known


def test_who_listens_to_what() -> None:
    assert topics_of(person(Staff.Role.SERVICE)) == ["staff:1", "desk:hq"]
    assert topics_of(person(Staff.Role.SALESPERSON)) == ["staff:1"]
