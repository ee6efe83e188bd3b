"""The gateways of short messages: what is sent, and what their answers mean."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from urllib.parse import parse_qs

import pytest

from apps.channels import sms
from apps.channels.sms.twilio import Twilio
from apps.channels.sms.web import WebGateway
from tests.sms_gateway import Standin, gateway

TO, TEXT, REFERENCE = "+886912345678", "驗證碼 123456", "ref-1"


@pytest.fixture
def standin() -> Iterator[Standin]:
    with gateway() as found:
        yield found


def test_the_web_gateway_is_told_number_text_and_a_key(standin: Standin) -> None:
    outcome = WebGateway(f"{standin.url}/send", "secret").send(
        TO, TEXT, reference=REFERENCE
    )

    [(path, headers, body)] = standin.calls
    assert (path, headers["authorization"]) == ("/send", "Bearer secret")
    assert headers["idempotency-key"] == REFERENCE
    assert json.loads(body) == {"to": TO, "text": TEXT, "reference": REFERENCE}
    assert (outcome.verdict, outcome.external_ids) == ("accepted", ["m-1"])


@pytest.mark.parametrize(
    ("status", "verdict"),
    [
        (200, "accepted"),
        (202, "accepted"),
        (302, "rejected"),
        (400, "rejected"),
        (401, "unauthorized"),
        (403, "unauthorized"),
        (429, "throttled"),
        (500, "unreachable"),
        (503, "unreachable"),
    ],
)
def test_what_a_status_means(standin: Standin, status: int, verdict: str) -> None:
    standin.status, standin.answer = status, {"error": "why"}

    outcome = WebGateway(standin.url, "x").send(TO, TEXT, reference=REFERENCE)

    assert (outcome.verdict, outcome.status, outcome.reason) == (verdict, status, "why")


def test_twilio_is_told_in_its_form(standin: Standin) -> None:
    outcome = Twilio(standin.url, "AC1", "token", "+1500").send(
        TO, TEXT, reference=REFERENCE
    )

    [(path, headers, body)] = standin.calls
    assert path == "/2010-04-01/Accounts/AC1/Messages.json"
    assert headers["authorization"] == (
        f"Basic {base64.b64encode(b'AC1:token').decode()}"
    )
    assert parse_qs(body) == {"To": [TO], "From": ["+1500"], "Body": [TEXT]}
    assert outcome.external_ids == ["SM1"]


def test_a_messaging_service_of_twilio_is_named_as_one(standin: Standin) -> None:
    Twilio(standin.url, "AC1", "token", "MG7").send(TO, TEXT, reference=REFERENCE)

    assert parse_qs(standin.calls[0][2])["MessagingServiceSid"] == ["MG7"]


@pytest.mark.parametrize(
    ("status", "code", "verdict"),
    [
        (400, 21211, "rejected"),
        (400, 14107, "throttled"),
        (401, 20003, "unauthorized"),
        (429, 20429, "throttled"),
        (400, 99999, "rejected"),
        (500, 20500, "unreachable"),
    ],
)
def test_twilios_codes_say_more_than_the_status(
    standin: Standin, status: int, code: int, verdict: str
) -> None:
    standin.status, standin.answer = status, {"code": code, "message": "words"}

    outcome = Twilio(standin.url, "AC1", "t", "+1").send(TO, TEXT, reference=REFERENCE)

    assert (outcome.verdict, outcome.reason) == (verdict, f"{code} words")


def test_a_connection_that_breaks_off_is_ambiguous(standin: Standin) -> None:
    standin.hangs_up = True

    outcome = WebGateway(standin.url, "x").send(TO, TEXT, reference=REFERENCE)

    assert outcome.is_ambiguous


def test_a_gateway_that_is_not_there_never_had_the_message() -> None:
    outcome = WebGateway("http://127.0.0.1:9/", "x").send(TO, TEXT, reference=REFERENCE)

    assert (outcome.verdict, outcome.is_ambiguous) == ("unreachable", False)


@pytest.mark.parametrize(
    ("name", "kind"), [("web", WebGateway), ("twilio", Twilio), ("", type(None))]
)
def test_the_settings_choose(settings, name: str, kind: type) -> None:  # type: ignore[no-untyped-def]
    settings.SMS_GATEWAY = name

    assert isinstance(sms.gateway(), kind)
