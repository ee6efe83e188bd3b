"""A gateway for short messages: what it takes is shown beside the phones."""

from __future__ import annotations

import hmac
import json

from django.http import HttpRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from apps.simulator.access import control_token, simulated
from apps.simulator.models import ShortText

LONGEST_KEY = 60


@csrf_exempt
@require_POST
@simulated
def take(request: HttpRequest) -> JsonResponse:
    """Take a message; one with a reference that came before is not shown again."""
    given = request.headers.get("Authorization", "")
    if not hmac.compare_digest(f"Bearer {control_token()}".encode(), given.encode()):
        return JsonResponse({"error": "wrong token"}, status=401)
    try:
        body = json.loads(request.body)
        to, text = str(body["to"]), str(body["text"])
    except (ValueError, KeyError, TypeError):
        return JsonResponse({"error": "to and text are needed"}, status=400)
    if not to.startswith("+") or not text:
        return JsonResponse({"error": "no such number"}, status=422)
    reference = request.headers.get("Idempotency-Key", "")[:LONGEST_KEY]
    row, _is_new = ShortText.objects.get_or_create(
        reference=reference, defaults={"to": to[:16], "text": text[:500]}
    )
    return JsonResponse({"id": f"sms-{row.pk}"}, status=201)
