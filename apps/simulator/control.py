"""The control API, by which the demo and the tests set the stage.

PUT  /control/accounts/<slug>          make or change an official account
GET  /control/accounts/<slug>
PUT  /control/people/<user_id>         make or change a person; friend states
POST /control/people                   many people at once
GET  /control/people/<user_id>/messages
POST /control/people/<user_id>/acts    let a person act: say, befriend, block, ...
POST /control/history                  bubbles of the past, told to nobody
GET, POST, DELETE /control/faults      orders to misbehave
GET  /control/webhooks                 what was sent to the accounts, and the answers
POST /control/clock                    age reply tokens, retry keys and month usage
"""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from apps.core import clock
from apps.core.errors import Refused
from apps.simulator.access import control
from apps.simulator.models import (
    ChatMessage,
    Fault,
    OfficialAccount,
    OutgoingEvent,
    Person,
)
from apps.simulator.services import people, staging

MOST_SHOWN = 500


@control
@require_http_methods(["GET", "PUT"])
def account(request: HttpRequest, slug: str) -> HttpResponse:
    """Make, change or tell an official account."""
    if request.method == "GET":
        return JsonResponse(
            staging.account_facts(get_object_or_404(OfficialAccount, slug=slug))
        )
    return _answer(lambda body: staging.account_facts(staging.put_account(slug, body)))(
        request
    )


@control
@require_http_methods(["GET", "PUT"])
def person(request: HttpRequest, user_id: str) -> HttpResponse:
    """Make, change or tell a person."""
    if request.method == "GET":
        return JsonResponse(
            staging.person_facts(get_object_or_404(Person, user_id=user_id))
        )

    def put(body: dict[str, Any]) -> dict[str, Any]:
        staging.put_people([{**body, "user_id": user_id}], now=clock.now())
        return staging.person_facts(Person.objects.get(user_id=user_id))

    return _answer(put)(request)


@control
@require_POST
def crowd(request: HttpRequest) -> HttpResponse:
    """Make or change many people: {"people": [{"user_id", "name", ...}]}."""

    def put(body: dict[str, Any]) -> dict[str, Any]:
        count = staging.put_people(body["people"], now=clock.now())
        return {"people": count}

    return _answer(put)(request)


@control
@require_GET
def messages(request: HttpRequest, user_id: str) -> HttpResponse:
    """List the bubbles on a person's phone, oldest first."""
    shown = ChatMessage.objects.filter(person__user_id=user_id)
    if slug := request.GET.get("account"):
        shown = shown.filter(account__slug=slug)
    latest = list(shown.select_related("account").order_by("-pk")[:MOST_SHOWN])
    return JsonResponse({"messages": [staging.bubble(row) for row in latest[::-1]]})


@control
@require_POST
def act(request: HttpRequest, user_id: str) -> HttpResponse:
    """Let a person act: {"account", "act": say|befriend|block|unsend|postback, ...}."""
    who = get_object_or_404(Person, user_id=user_id)

    def play(body: dict[str, Any]) -> dict[str, Any]:
        to = get_object_or_404(OfficialAccount, slug=body["account"])
        return _play(body, to, who, now=clock.now())

    return _answer(play)(request)


@control
@require_POST
def history(request: HttpRequest) -> HttpResponse:
    """Write bubbles of the past: {"account", "messages": [{"user_id", "at", ...}]}."""

    def write(body: dict[str, Any]) -> dict[str, Any]:
        to = get_object_or_404(OfficialAccount, slug=body["account"])
        return {"messages": staging.write_history(to, body["messages"])}

    return _answer(write)(request)


@control
@require_http_methods(["GET", "POST", "DELETE"])
def all_faults(request: HttpRequest) -> HttpResponse:
    """Order faults ({"faults": [...]} or one object), list them, or call them off."""
    if request.method == "DELETE":
        Fault.objects.all().delete()
    elif request.method == "POST":
        return _answer(lambda body: {"faults": staging.order_faults(body)})(request)
    orders = Fault.objects.select_related("account").order_by("pk")
    return JsonResponse({"faults": [fault.facts() for fault in orders]})


@control
@require_GET
def webhooks(request: HttpRequest) -> HttpResponse:
    """List the latest webhook events and how many are in each state."""
    events = OutgoingEvent.objects.select_related("account", "person")
    if user_id := request.GET.get("user_id"):
        events = events.filter(person__user_id=user_id)
    latest = list(events.order_by("-pk")[:MOST_SHOWN])
    return JsonResponse(
        {
            "states": staging.webhook_states(),
            "events": [staging.event_facts(event) for event in latest[::-1]],
        }
    )


@control
@require_POST
def age(request: HttpRequest) -> HttpResponse:
    """Let time pass for tokens and keys: {"seconds": 61}."""

    def pass_time(body: dict[str, Any]) -> dict[str, Any]:
        staging.age(float(body["seconds"]))
        return {}

    return _answer(pass_time)(request)


def _play(
    body: dict[str, Any], to: OfficialAccount, who: Person, *, now: datetime
) -> dict[str, Any]:
    match body["act"]:
        case "say":
            said = people.say(to, who, body["message"], now=now)
            return staging.bubble(said)
        case "befriend":
            return {"changed": people.befriend(to, who, now=now)}
        case "block":
            return {"changed": people.block(to, who, now=now)}
        case "postback":
            people.post_back(to, who, body["action"], now=now)
            return {}
        case "unsend":
            row = get_object_or_404(ChatMessage, message_id=body["message_id"])
            return {"changed": people.unsend(row, now=now)}
    raise ValueError(f"no such act: {body['act']}")


def _answer(
    work: Callable[[dict[str, Any]], dict[str, Any]],
) -> Callable[[HttpRequest], HttpResponse]:
    """Read a JSON object, do the work, answer JSON; say what was wrong with it."""

    def view(request: HttpRequest) -> HttpResponse:
        try:
            return JsonResponse(work(json.loads(request.body)))
        except Http404:
            return JsonResponse({"message": "not found"}, status=404)
        except Refused as refused:
            return JsonResponse({"message": refused.message}, status=422)
        except (ValueError, KeyError, TypeError, ValidationError) as error:
            return JsonResponse({"message": f"{error!r}"}, status=400)

    return view
