"""Channel access tokens: who is calling, and the stateless tokens that are issued."""

from django.core import signing
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from apps.simulator.access import simulated
from apps.simulator.models import OfficialAccount
from apps.simulator.platform.answers import UNAUTHORISED, LineError

SALT = "simulator.channel-access-token"
STATELESS_SECONDS = 15 * 60
SHORT_LIVED_SECONDS = 30 * 24 * 3600


def issue(account: OfficialAccount, seconds: int) -> str:
    """Return a token that names the account and dies by itself."""
    return signing.dumps([account.pk, seconds], salt=SALT)


def account_of(request: HttpRequest) -> OfficialAccount:
    """Return the account whose token the request bears; 401 for none."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme != "Bearer" or not token:
        raise LineError(401, UNAUTHORISED)
    account = OfficialAccount.objects.filter(access_token=token).first()
    account = account or _named_by(token)
    if account is None:
        raise LineError(401, UNAUTHORISED)
    return account


def _named_by(token: str) -> OfficialAccount | None:
    try:
        pk, seconds = signing.loads(token, salt=SALT)
        signing.loads(token, salt=SALT, max_age=seconds)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    return OfficialAccount.objects.filter(pk=pk).first()


@simulated
@csrf_exempt
@require_POST
def stateless(request: HttpRequest) -> HttpResponse:
    """Issue a token of 15 minutes by channel id and secret."""
    return _issue(request, STATELESS_SECONDS)


@simulated
@csrf_exempt
@require_POST
def short_lived(request: HttpRequest) -> HttpResponse:
    """Issue a token of 30 days by channel id and secret."""
    return _issue(request, SHORT_LIVED_SECONDS)


def _issue(request: HttpRequest, seconds: int) -> HttpResponse:
    if request.POST.get("grant_type") != "client_credentials":
        return _oauth_error("unsupported_grant_type", "invalid grant_type")
    account = OfficialAccount.objects.filter(
        channel_id=request.POST.get("client_id", ""),
        channel_secret=request.POST.get("client_secret", ""),
    ).first()
    if account is None:
        return _oauth_error("invalid_client", "invalid client credentials")
    token = issue(account, seconds)
    return JsonResponse(
        {"token_type": "Bearer", "access_token": token, "expires_in": seconds}
    )


def _oauth_error(error: str, description: str) -> JsonResponse:
    return JsonResponse({"error": error, "error_description": description}, status=400)
