"""The record of acts: append-only, sealed, and honest about tampering."""

from __future__ import annotations

import time
from datetime import date

import pytest
from django.db import DatabaseError, connection, transaction
from pytest_django import DjangoAssertNumQueries

from apps.audit import services as audit
from apps.audit.invariants import INVARIANTS
from apps.audit.models import AuditEntry, AuditSeal
from apps.core import clock
from apps.stores.models import Region


@pytest.fixture
def region(db: None) -> Region:
    return Region.objects.create(name="北區")


def write(region: Region, times: int = 1) -> None:
    for n in range(times):
        audit.record("region.changed", region, by=None, now=clock.now(), n=n)


def sealed(entries: int) -> bool:
    """Seal until that many entries are: open transactions of others come first."""
    for _attempt in range(200):
        entries -= audit.seal(now=clock.now())
        if entries <= 0:
            break
        time.sleep(0.1)
    return entries == 0


def broken_rules() -> list[str]:
    found = []
    for name, query in INVARIANTS.items():
        with connection.cursor() as cursor:
            cursor.execute(query)
            if cursor.fetchall():
                found.append(name)
    return found


def test_an_entry_names_actor_target_and_facts(region: Region) -> None:
    audit.record(
        "region.opened", region, by=None, now=clock.now(), day=date(2026, 11, 22)
    )
    entry = AuditEntry.objects.get()
    assert (entry.actor, entry.actor_id) == ("system", None)
    assert (entry.target_type, entry.target_id) == ("stores.region", str(region.pk))
    assert entry.facts == {"day": "2026-11-22"}


def test_many_targets_take_one_statement(
    region: Region, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(1):
        audit.record_many(
            "region.changed",
            Region,
            {pk: {"n": pk} for pk in range(500)},
            by=None,
            now=clock.now(),
        )
    assert AuditEntry.objects.count() == 500


@pytest.mark.parametrize(
    "statement",
    [
        "update audit_auditentry set actor = 'x'",
        "delete from audit_auditentry",
        "truncate audit_auditentry",
        "update audit_auditseal set entries = 0",
        "delete from audit_auditseal",
        "truncate audit_auditseal",
    ],
)
def test_nothing_is_changed_or_removed(region: Region, statement: str) -> None:
    write(region)
    AuditSeal.objects.create(
        sealed_at=clock.now(),
        last_transaction=1,
        entries=0,
        previous=bytes(32),
        digest=b"",
    )
    with (
        pytest.raises(DatabaseError, match="never changed"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


@pytest.mark.django_db(transaction=True)
class TestSealing:
    """Seals need entries of finished transactions, so these commit."""

    def test_the_chain_covers_what_was_committed(self) -> None:
        region = Region.objects.create(name="南區")
        write(region, 3)
        assert sealed(3)
        write(region, 2)
        assert sealed(2)
        assert audit.seal(now=clock.now()) == 0
        verdict = audit.verify()
        assert verdict.is_whole
        assert (verdict.seals, verdict.entries) == (2, 5)
        assert broken_rules() == []

    def test_an_open_transaction_is_left_for_the_next_seal(self) -> None:
        region = Region.objects.create(name="南區")
        with transaction.atomic():
            write(region)
            assert audit.seal(now=clock.now()) == 0
        assert sealed(1)

    @pytest.mark.breaks_invariants("the record is tampered with")
    @pytest.mark.parametrize(
        "tampering",
        [
            "update audit_auditentry set actor = 'somebody else'",
            """update audit_auditentry set facts = '{"n": 9}'""",
            "update audit_auditentry set at = at + interval '1 microsecond'",
            """delete from audit_auditentry
               where id = (select max(id) from audit_auditentry)""",
            """insert into audit_auditentry
               (at, actor, action, target_type, target_id, facts, transaction)
               select at, actor, action, target_type, target_id, facts, transaction
               from audit_auditentry limit 1""",
        ],
    )
    def test_tampering_shows(self, tampering: str) -> None:
        region = Region.objects.create(name="南區")
        write(region, 3)
        assert sealed(3)
        with connection.cursor() as cursor:
            cursor.execute("alter table audit_auditentry disable trigger user")
            cursor.execute(tampering)
            cursor.execute("alter table audit_auditentry enable trigger user")
        broken = audit.verify().broken_seal
        assert broken in AuditSeal.objects.values_list("pk", flat=True)
