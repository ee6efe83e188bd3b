"""What every step of the machine stands on: the run, its clock, the check after it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any, ClassVar

from django.db import transaction
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant

from apps.core.errors import Refused
from apps.members.models import Member
from tests.keeping import Watch
from tests.machine import compare
from tests.machine.brand import FIRST, Brand
from tests.machine.model import Model, Order

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
ANY = st.integers(0, 11)


def one_of(things: list[Any], which: int) -> Any:
    """Return one of the things."""
    return things[which % len(things)]


class Run(RuleBasedStateMachine):
    """A run in a transaction that is rolled back, on a clock of its own.

    The clock only goes forward. After each step the invariants of what the step wrote
    are asked, and the tables are compared with the `Model`.
    """

    brand: ClassVar[Brand]

    def __init__(self) -> None:
        super().__init__()
        self._transaction = transaction.atomic()
        self._transaction.__enter__()
        self.now = FIRST
        self.members = dict(self.brand.members)
        self.model = Model({phone: phone for phone in self.members})
        self.watch = Watch()
        self.numbers = 0

    def teardown(self) -> None:
        """Forget the run."""
        transaction.set_rollback(True)
        self._transaction.__exit__(None, None, None)

    @invariant()
    def holds(self) -> None:
        """Ask the invariants of what was written, and compare it with the model."""
        touched = self.watch.since()
        if touched:
            assert self.watch.broken(touched, now=self.now) == {}
            compare.all_of(self.model, self.members, touched)
        self.now += MINUTE

    def _number(self) -> str:
        self.numbers += 1
        return f"N-{self.numbers}"

    def _order(self, which: int) -> Order:
        found: Order = one_of(list(self.model.orders.values()), which)
        return found

    def _person(self, who: int) -> str:
        found: str = one_of(self.model.people(), who)
        return found

    def _member(self, person: str) -> Member:
        return Member.objects.get(pk=self.members[person])

    @staticmethod
    def _try(verb: Callable[[], object]) -> bool:
        """Tell whether the verb did it, or refused."""
        with suppress(Refused):
            verb()
            return True
        return False
