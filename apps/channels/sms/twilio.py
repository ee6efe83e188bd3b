"""Twilio's Messages resource (API version 2010-04-01)."""

from __future__ import annotations

from dataclasses import dataclass

from apps.channels.outcome import Outcome, Verdict
from apps.channels.sms import calls

# Twilio's error codes that say more than the status they come with.
CODES: dict[int, Verdict] = {
    14107: "throttled",  # too many to this number
    20003: "unauthorized",
    20429: "throttled",
    21211: "rejected",  # no such number
    21408: "rejected",  # no permission for the region
    21610: "rejected",  # the person answered STOP
    21614: "rejected",  # not a mobile number
    30001: "throttled",  # the queue is full
}


@dataclass(frozen=True)
class Twilio:
    """A Twilio account; `sender` is a number, a name or a messaging service's SID."""

    host: str
    account_sid: str
    auth_token: str
    sender: str

    def send(self, to: str, text: str, *, reference: str) -> Outcome:
        """Hand a message over. Twilio knows no reference: an attempt is its own."""
        key = "MessagingServiceSid" if self.sender.startswith("MG") else "From"
        answer = calls.post(
            f"{self.host}/2010-04-01/Accounts/{self.account_sid}/Messages.json",
            data={"To": to, key: self.sender, "Body": text},
            auth=(self.account_sid, self.auth_token),
        )
        if isinstance(answer, Outcome):
            return answer
        body = calls.body_of(answer)
        code, own = body.get("code"), str(body.get("sid") or "")
        verdict = CODES.get(code) if isinstance(code, int) else None
        return Outcome(
            verdict or calls.verdict_of(answer.status_code),
            status=answer.status_code,
            reason=" ".join(str(part) for part in (code, body.get("message")) if part)[
                :300
            ],
            external_ids=[own] if own else [],
        )
