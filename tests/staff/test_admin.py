"""HQ keeps people, stores and postings in the admin; every change is recorded."""

from __future__ import annotations

from datetime import date

import pytest
from django.test import Client

from apps.audit.models import AuditEntry
from apps.core import clock
from apps.members import services as members
from apps.members.models import BindingCode
from apps.staff.models import Posting, Staff
from apps.stores.models import Region, Store, Target
from tests import make

pytestmark = pytest.mark.django_db
PASSWORD = "quiet-harbour-42"


@pytest.fixture
def admin(client: Client) -> Client:
    client.force_login(make.staff("管理員", role=Staff.Role.ADMIN))
    return client


def inline(prefix: str, **values: str) -> dict[str, str]:
    rows = {f"{prefix}-0-{name}": value for name, value in values.items()}
    total = "1" if values else "0"
    return {f"{prefix}-TOTAL_FORMS": total, f"{prefix}-INITIAL_FORMS": "0", **rows}


@pytest.mark.parametrize("role", [r for r in Staff.Role.values if r != "admin"])
def test_the_admin_is_for_admins(client: Client, role: str) -> None:
    client.force_login(make.staff(role=role))
    assert client.get("/admin/").status_code == 302
    assert client.get("/admin/staff/staff/").status_code == 302


@pytest.mark.parametrize(
    "path",
    [
        "",
        "stores/region/", "stores/store/", "stores/store/add/", "stores/target/",
        "staff/staff/", "staff/staff/add/", "staff/posting/", "staff/posting/add/",
        "members/member/", "members/binding/", "members/bindingcode/", "members/tag/",
        "audit/auditentry/",
    ],
)  # fmt: skip
def test_pages_open(admin: Client, path: str) -> None:
    store = make.store()
    staff = make.staff(at=store)
    now = clock.now()
    members.binding_code(staff, store, now=now)
    members.bind(make.member(), staff, store, source="login", now=now)
    assert admin.get(f"/admin/{path}").status_code == 200


def test_a_store_is_added_with_a_target(admin: Client) -> None:
    region = Region.objects.create(name="北區")
    response = admin.post(
        "/admin/stores/store/add/",
        {
            "code": "zhongshan",
            "name": "台北中山店",
            "region": str(region.pk),
            "is_active": "on",
            **inline("targets", month="2026-11-01", amount="1000000"),
        },
    )
    assert response.status_code == 302, response.content.decode()[:2000]
    store = Store.objects.get()
    assert Target.objects.get().store == store
    entry = AuditEntry.objects.get(action="store.added")
    assert (entry.actor, entry.target_id) == ("管理員", str(store.pk))
    assert "name" in entry.facts["fields"]


def test_a_person_is_added_with_a_password_and_signs_in(
    admin: Client, client: Client
) -> None:
    store = make.store()
    response = admin.post(
        "/admin/staff/staff/add/",
        {
            "code": "E9",
            "name": "林怡君",
            "role": "salesperson",
            "usable_password": "true",
            "password1": PASSWORD,
            "password2": PASSWORD,
            **inline(
                "postings",
                store=str(store.pk),
                starts_on="2026-01-01",
                is_main="on",
            ),
        },
    )
    assert response.status_code == 302, response.content.decode()[:3000]
    person = Staff.objects.get(code="E9")
    assert person.check_password(PASSWORD)
    assert Posting.objects.get(staff=person).store == store
    assert admin.get(f"/admin/staff/staff/{person.pk}/change/").status_code == 200
    visitor = Client()
    signed_in = visitor.post("/account/login/", {"login": "E9", "password": PASSWORD})
    assert (signed_in.status_code, signed_in["Location"]) == (302, "/helper/")


def test_a_password_is_set_anew(admin: Client) -> None:
    person = make.staff()
    response = admin.post(
        f"/admin/staff/staff/{person.pk}/password/",
        {"usable_password": "true", "password1": PASSWORD, "password2": PASSWORD},
    )
    assert response.status_code == 302
    person.refresh_from_db()
    assert person.check_password(PASSWORD)


def test_overlapping_postings_are_an_error_beside_the_field(admin: Client) -> None:
    store = make.store()
    person = make.staff(at=store)
    response = admin.post(
        "/admin/staff/posting/add/",
        {"staff": person.pk, "store": store.pk, "starts_on": "2026-01-01"},
    )
    assert response.status_code == 200
    assert "這段期間已經派駐這間門市" in response.content.decode()
    assert Posting.objects.count() == 1


def test_a_leaver_is_deactivated_by_an_action_and_never_deleted(
    admin: Client,
) -> None:
    person = make.staff(at=make.store(), since=date(2025, 1, 1))
    boss = Staff.objects.get(role="admin")
    chosen = {"_selected_action": [person.pk, boss.pk]}
    url = "/admin/staff/staff/"
    response = admin.post(url, {"action": "deactivate", **chosen}, follow=True)
    page = response.content.decode()
    assert "不能停用自己的帳號" in page
    person.refresh_from_db()
    boss.refresh_from_db()
    assert (person.is_active, boss.is_active) == (False, True)
    assert admin.get(f"{url}{person.pk}/delete/").status_code == 403
    admin.post(url, {"action": "reactivate", "_selected_action": [person.pk]})
    person.refresh_from_db()
    assert person.is_active


def test_support_ends_bonds_and_codes_by_actions(admin: Client) -> None:
    store = make.store()
    staff, member, now = make.staff(at=store), make.member(), clock.now()
    code = members.binding_code(staff, store, now=now)
    members.bind(member, staff, store, source="login", now=now, code=code)
    admin.post(
        "/admin/members/member/",
        {"action": "unbind", "_selected_action": [member.pk]},
    )
    assert members.current_binding(member) is None
    admin.post(
        "/admin/members/bindingcode/",
        {"action": "revoke", "_selected_action": [code.pk]},
    )
    assert BindingCode.objects.get().revoked_at is not None
    by = AuditEntry.objects.filter(action="binding.ended").values_list("actor")
    assert list(by) == [("管理員",)]
    assert admin.get(f"/admin/members/member/{member.pk}/change/").status_code == 200
