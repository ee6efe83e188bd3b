"""Record who did what to whom, and seal the record so that tampering shows."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, models, transaction

from apps.audit.models import AuditEntry, AuditSeal

SYSTEM = "system"
BATCH = 10_000
GENESIS = bytes(32)
SEAL_LOCK = 0x5EA1


class Person(Protocol):
    """Who acts: anything with a key and a name."""

    @property
    def pk(self) -> Any:
        """The key of the person."""

    @property
    def name(self) -> Any:
        """The name the record keeps, whatever becomes of the person."""


@dataclass(frozen=True)
class Verdict:
    """What a check of the chain found; `broken_seal` is None where it is whole."""

    seals: int
    entries: int
    broken_seal: int | None = None

    @property
    def is_whole(self) -> bool:
        """Tell whether every seal still fits its entries."""
        return self.broken_seal is None


def record(
    action: str, target: models.Model, *, by: Person | None, now: datetime, **facts: Any
) -> None:
    """Keep one act; `by` None is the system itself.

    Call it inside the transaction of the act, so that both stand or fall together.
    """
    record_many(action, type(target), {target.pk: facts}, by=by, now=now)


def record_many(
    action: str,
    kind: type[models.Model],
    facts_by_pk: Mapping[Any, Mapping[str, Any]],
    *,
    by: Person | None,
    now: datetime,
) -> None:
    """Keep the same act on many targets of one kind, in one statement a thousand."""
    actor_id = None if by is None else by.pk
    actor = SYSTEM if by is None else str(by.name)[:80]
    label = kind._meta.label_lower  # noqa: SLF001  (documented API of a model)
    AuditEntry.objects.bulk_create(
        (
            AuditEntry(
                at=now,
                actor_id=actor_id,
                actor=actor,
                action=action,
                target_type=label,
                target_id=str(pk),
                facts=_plain(facts),
            )
            for pk, facts in facts_by_pk.items()
        ),
        batch_size=1000,
    )


def seal(*, now: datetime) -> int:
    """Seal the next batch of entries and return how many it held.

    Only entries whose transaction no open one can precede are sealed: a transaction
    number below the snapshot's xmin will never show another entry. A transaction is
    never split between seals. Of two sealers one works, the other returns 0.
    """
    with transaction.atomic():
        if not _lock():
            return 0
        last = AuditSeal.objects.order_by("-pk").first()
        after = last.last_transaction if last else 0
        until = _next_boundary(after)
        if until is None:
            return 0
        previous = bytes(last.digest) if last else GENESIS
        count, digest = _digest(previous, after, until)
        AuditSeal.objects.create(
            sealed_at=now,
            last_transaction=until,
            entries=count,
            previous=previous,
            digest=digest,
        )
        return count


def verify() -> Verdict:
    """Walk the whole chain and compare each seal with the entries it covers."""
    previous, after, entries, seals = GENESIS, 0, 0, 0
    for link in AuditSeal.objects.order_by("pk").iterator():
        count, digest = _digest(previous, after, link.last_transaction)
        fits = (
            bytes(link.previous) == previous
            and bytes(link.digest) == digest
            and link.entries == count
        )
        if not fits:
            return Verdict(seals, entries, broken_seal=link.pk)
        previous, after = digest, link.last_transaction
        entries, seals = entries + count, seals + 1
    return Verdict(seals, entries)


def _lock() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("select pg_try_advisory_xact_lock(%s)", [SEAL_LOCK])
        row = cursor.fetchone()
    return bool(row and row[0])


def _next_boundary(after: int) -> int | None:
    """Return the transaction that ends the next batch, None where nothing is ripe."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            select max(transaction) from (
                select transaction from audit_auditentry
                where transaction > %s
                  and transaction < txid_snapshot_xmin(txid_current_snapshot())
                order by transaction, id limit %s
            ) as batch
            """,
            [after, BATCH],
        )
        row = cursor.fetchone()
    return row[0] if row else None


def _digest(previous: bytes, after: int, until: int) -> tuple[int, bytes]:
    chain = hashlib.sha256(previous)
    count = 0
    for line in _lines(after, until):
        chain.update(line)
        count += 1
    return count, chain.digest()


def _lines(after: int, until: int) -> Iterator[bytes]:
    rows: Iterable[tuple[Any, ...]] = (
        AuditEntry.objects.filter(transaction__gt=after, transaction__lte=until)
        .order_by("transaction", "id")
        .values_list("at", "transaction", "id", "actor_id", "actor", "action",
                     "target_type", "target_id", "facts")
        .iterator(chunk_size=2000)
    )  # fmt: skip
    for row in rows:
        text = json.dumps(
            [row[0].astimezone(UTC).isoformat(), *row[1:]], sort_keys=True
        )
        yield text.encode() + b"\n"


def _plain(facts: Mapping[str, Any]) -> Any:
    """Return the facts as JSON can hold them: dates and ids as text."""
    return json.loads(json.dumps(facts, cls=DjangoJSONEncoder))
