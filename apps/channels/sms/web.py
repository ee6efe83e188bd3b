"""Any gateway that takes a JSON POST with a bearer token.

The request is `{"to": "+886…", "text": "…", "reference": "…"}` with the header
`Idempotency-Key`, the same for every attempt at one message; the answer may name the
gateway's own `id`, and `error` where it refuses.
"""

from __future__ import annotations

from dataclasses import dataclass

from apps.channels.outcome import Outcome
from apps.channels.sms import calls


@dataclass(frozen=True)
class WebGateway:
    """The generic gateway at `url`."""

    url: str
    token: str

    def send(self, to: str, text: str, *, reference: str) -> Outcome:
        """Hand a message over; `to` is E.164, `reference` names it for both sides."""
        answer = calls.post(
            self.url,
            json={"to": to, "text": text, "reference": reference},
            headers={
                "Authorization": f"Bearer {self.token}",
                "Idempotency-Key": reference,
            },
        )
        if isinstance(answer, Outcome):
            return answer
        body = calls.body_of(answer)
        own = str(body.get("id") or "")
        return Outcome(
            calls.verdict_of(answer.status_code),
            status=answer.status_code,
            reason=str(body.get("error") or "")[:300],
            external_ids=[own] if own else [],
        )
