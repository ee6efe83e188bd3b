"""Call the Messaging API.

line-bot-sdk carries the calls: its connection pool, its paths and its errors. Message
objects go through its `ApiClient` as they are and not through its typed models, for
those drop what they do not know and refuse message types newer than themselves; an
outbox row must reach LINE as it was written, and equal at every attempt. The SDK has
no time limit of its own and repeats requests by itself: both are set here.
"""

from __future__ import annotations

import functools
import json
import os
from dataclasses import dataclass
from typing import Any, Literal

import httpx
import urllib3
from django.conf import settings
from linebot.v3.messaging import ApiClient, ApiException, Configuration
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    MaxRetryError,
    NameResolutionError,
    NewConnectionError,
    ProxyError,
)

from apps.channels.errors import Unavailable
from apps.channels.line import answers
from apps.channels.models import Account
from apps.channels.outcome import Outcome

TIMEOUT = (3.05, 10.0)  # seconds to connect, and to wait for the answer
LONGEST_CALL = 15.0  # seconds; what a lease on a call must outlive
LARGEST_CONTENT = 25 * 1024 * 1024  # bytes; larger media stay with LINE
NEVER_LEFT = (
    ConnectTimeoutError, NewConnectionError, NameResolutionError, ProxyError,
)  # fmt: skip

Message = dict[str, Any]


@dataclass(frozen=True)
class Profile:
    """What LINE tells about a person."""

    user_id: str
    name: str
    picture_url: str
    language: str


@dataclass(frozen=True)
class Content:
    """The bytes of a picture, video, sound or file that a person sent."""

    data: bytes
    content_type: str


@dataclass(frozen=True)
class _Answer:
    status: int
    body: object
    headers: dict[str, str]


class Line:
    """The Messaging API as one account. Making one costs nothing; pools are shared."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._api = _api(settings.LINE_API_HOST, account.access_token, os.getpid())

    def reply(self, token: str, messages: list[Message]) -> Outcome:
        """Answer an event, free of charge, once, within a minute of its arrival.

        It bears no retry key (LINE refuses one), so no second attempt is safe.
        """
        return self._send("reply", {"replyToken": token, "messages": messages})

    def push(self, to: str, messages: list[Message], *, retry_key: object) -> Outcome:
        """Send to one person; the same key within a day never sends twice."""
        key = {"X-Line-Retry-Key": str(retry_key)}
        return self._send("push", {"to": to, "messages": messages}, key)

    def profile(self, user_id: str) -> Profile | None:
        """Return the person's profile; None where LINE does not tell it.

        It does not for those who blocked the account or gave no consent. Raises
        Unavailable.
        """
        answer = self._ask("GET", f"/v2/bot/profile/{user_id}", but={404})
        if answer.status == 404 or not isinstance(answer.body, dict):
            return None
        return Profile(
            user_id=user_id,
            name=str(answer.body.get("displayName", "")),
            picture_url=str(answer.body.get("pictureUrl", "")),
            language=str(answer.body.get("language", "")),
        )

    def quota(self) -> tuple[int | None, int]:
        """Return the month's allowance (None: no limit) and the messages used.

        Both count people, whatever the number of bubbles. Raises Unavailable.
        """
        plan = self._ask("GET", "/v2/bot/message/quota").body
        spent = self._ask("GET", "/v2/bot/message/quota/consumption").body
        if not isinstance(plan, dict) or not isinstance(spent, dict):
            raise Unavailable(answers.no_answer("quota without JSON"))
        limited = plan.get("type") == "limited"
        return (
            int(plan.get("value", 0)) if limited else None,
            int(spent.get("totalUsage", 0)),
        )

    def content(
        self, message_id: str, *, at_most: int = LARGEST_CONTENT
    ) -> Content | Literal["gone", "preparing", "too_large"]:
        """Fetch what a person sent, up to `at_most` bytes.

        "preparing": ask again later; "gone": unsent or unknown. Raises Unavailable.
        """
        path = f"/v2/bot/message/{message_id}/content"
        bearer = {"Authorization": f"Bearer {self._account.access_token}"}
        client = _data_client(settings.LINE_DATA_HOST, os.getpid())
        try:
            with client.stream("GET", path, headers=bearer) as answer:
                return _content(answer, at_most)
        except httpx.HTTPError as error:
            raise Unavailable(answers.no_answer(repr(error))) from error

    def loading(self, user_id: str, *, seconds: int = 20) -> Outcome:
        """Show the person that an answer is being written (multiples of 5 seconds)."""
        body = {"chatId": user_id, "loadingSeconds": seconds}
        return self._post("/v2/bot/chat/loading/start", body)

    def mark_read(self, token: str) -> Outcome:
        """Show the person's messages, up to the token's, as read."""
        return self._post("/v2/bot/chat/markAsRead", {"markAsReadToken": token})

    def _send(
        self,
        endpoint: str,
        body: dict[str, Any],
        headers: dict[str, str] | None = None,
    ) -> Outcome:
        return self._post(f"/v2/bot/message/{endpoint}", body, headers)

    def _post(
        self,
        path: str,
        body: dict[str, Any],
        headers: dict[str, str] | None = None,
    ) -> Outcome:
        answer = self._call("POST", path, body, headers)
        if isinstance(answer, Outcome):
            return answer
        return answers.read(answer.status, answer.body, answer.headers)

    def _ask(self, method: str, path: str, *, but: set[int] | None = None) -> _Answer:
        """Return the answer to a question; `but` are the statuses that are answers."""
        answer = self._call(method, path)
        if isinstance(answer, Outcome):
            raise Unavailable(answer)
        if answer.status >= 300 and answer.status not in (but or set()):
            raise Unavailable(answers.read(answer.status, answer.body, answer.headers))
        return answer

    def _call(
        self,
        method: str,
        path: str,
        body: dict[str, Any] | None = None,
        headers: dict[str, str] | None = None,
    ) -> _Answer | Outcome:
        try:
            answer = self._api.call_api(
                path,
                method,
                header_params={
                    "Accept": "application/json",
                    "Content-Type": "application/json",
                    **(headers or {}),
                },
                body=body,
                response_types_map={"200": "object", "202": "object"},
                auth_settings=["Bearer"],
                _request_timeout=TIMEOUT,
            )
        except ApiException as error:
            return _answer_of(error)
        except HTTPError as error:
            return _silence(error)
        except (UnicodeDecodeError, LookupError) as error:
            return answers.no_answer(repr(error))  # somebody else answered in between
        return _Answer(answer.status_code, answer.data, _lower(answer.headers))


def forget_clients() -> None:
    """Close the pools, after a change of host in a test."""
    _api.cache_clear()
    _data_client.cache_clear()


@functools.lru_cache(maxsize=32)
def _api(host: str, token: str, process: int) -> ApiClient:
    """Make the one client of an account in a process; a fork makes its own."""
    configuration = Configuration(host=host, access_token=token)
    configuration.retries = False
    return ApiClient(configuration)


@functools.lru_cache(maxsize=4)
def _data_client(host: str, process: int) -> httpx.Client:
    connect, read = TIMEOUT
    return httpx.Client(base_url=host, timeout=httpx.Timeout(read, connect=connect))


def _content(
    answer: httpx.Response, at_most: int
) -> Content | Literal["gone", "preparing", "too_large"]:
    if answer.status_code == 202:
        return "preparing"
    if answer.status_code in (404, 410):
        return "gone"
    if answer.status_code != 200:
        text = answer.read().decode(errors="replace")
        raise Unavailable(answers.read(answer.status_code, text, answer.headers))
    data = bytearray()
    for piece in answer.iter_bytes():
        data += piece
        if len(data) > at_most:
            return "too_large"
    return Content(bytes(data), answer.headers.get("content-type", ""))


def _answer_of(error: ApiException) -> _Answer | Outcome:
    """Read the SDK's exception; status 0 is its word for a failed TLS session."""
    if not error.status:
        return answers.no_answer(str(error.reason))
    return _Answer(error.status, _json(error.body), _lower(error.headers))


def _json(body: str | None) -> object:
    try:
        return json.loads(body or "")
    except ValueError:
        return body or ""


def _silence(error: HTTPError) -> Outcome:
    cause = error.reason if isinstance(error, MaxRetryError) else error
    if isinstance(cause, NEVER_LEFT):
        return answers.not_sent(repr(cause))
    return answers.no_answer(repr(cause))


def _lower(headers: urllib3.HTTPHeaderDict | None) -> dict[str, str]:
    return {str(key).lower(): str(value) for key, value in (headers or {}).items()}
