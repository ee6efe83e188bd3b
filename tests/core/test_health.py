"""The load balancer's two questions."""

from datetime import datetime, timedelta

import pytest
from django.test import Client

from apps.core import clock, health
from apps.core.models import Pulse

pytestmark = pytest.mark.urls("apps.core.urls")


@pytest.fixture
def _only_this_backlog(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "BACKLOGS", {})


def test_a_living_process_answers_without_the_database(client: Client) -> None:
    assert client.get("/healthz").content == b"ok"


@pytest.mark.django_db
@pytest.mark.usefixtures("_only_this_backlog")
@pytest.mark.parametrize(
    ("waited", "status", "late"),
    [(None, 200, []), (60, 200, []), (301, 503, ["letters"])],
)
def test_readiness_tells_the_age_of_each_backlog(
    client: Client, waited: int | None, status: int, late: list[str]
) -> None:
    def oldest_at() -> datetime | None:
        return waited and clock.now() - timedelta(seconds=waited)  # type: ignore[return-value]

    health.register_backlog("letters", oldest_at)
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["late"]) == (status, late)
    age = answer.json()["backlogs"]["letters"]
    assert age == pytest.approx(waited, abs=2) if waited else age is None


@pytest.mark.django_db
def test_readiness_tells_when_a_worker_was_last_seen(client: Client) -> None:
    then = clock.now() - timedelta(seconds=30)
    Pulse.objects.create(worker="w", host="h", started_at=then, answered_at=then)
    assert client.get("/readyz").json()["worker_seen"] == pytest.approx(30, abs=3)


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_only_reading_is_allowed(client: Client, path: str) -> None:
    assert client.post(path).status_code == 405
