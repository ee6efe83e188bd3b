"""What the database refuses of stores and targets."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import IntegrityError
from django.utils import translation

from apps.stores.models import Target
from tests import make

pytestmark = pytest.mark.django_db


def test_a_target_is_of_a_whole_month() -> None:
    with pytest.raises(IntegrityError):
        Target.objects.create(store=make.store(), month=date(2026, 11, 2), amount=1)


def test_a_store_has_one_target_a_month() -> None:
    store = make.store()
    Target.objects.create(store=store, month=date(2026, 11, 1), amount=1)
    with pytest.raises(IntegrityError):
        Target.objects.create(store=store, month=date(2026, 11, 1), amount=2)


def test_a_store_is_named_in_the_readers_language() -> None:
    store = make.store("台北中山店", name_en="Taipei Zhongshan")
    assert str(store) == "台北中山店"
    with translation.override("en"):
        assert str(store) == "Taipei Zhongshan"
        assert str(make.store("信義店")) == "信義店"
