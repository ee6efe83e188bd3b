"""Signing in to the shop, and what of it the site snippet is told.

The page after the sign-in carries the snippet's token, once; no address ever does.
"""

from django.http import HttpRequest, HttpResponse

COOKIE = "shop_customer"
TOKEN = "shop_token"  # noqa: S105  (a cookie's name)
VISITOR = "rg_visitor"  # the snippet's own cookie
TOKEN_SECONDS = 60


def customer(request: HttpRequest) -> str:
    """Return the phone of who is signed in, nothing for a stranger."""
    return str(request.get_signed_cookie(COOKIE, default="") or "")


def visitor(request: HttpRequest) -> str:
    """Return by what the snippet knows the browser."""
    return request.COOKIES.get(VISITOR, "")[:40]


def sign_in(response: HttpResponse, phone: str, token: str) -> HttpResponse:
    """Remember who it is, and the token for the page that follows."""
    kept = {COOKIE: (phone, None), TOKEN: (token, TOKEN_SECONDS)}
    for name, (value, seconds) in kept.items():
        response.set_signed_cookie(
            name, value, max_age=seconds, httponly=True, samesite="Lax"
        )
    return response


def token(request: HttpRequest) -> str:
    """Return the token that this page is to carry."""
    return str(request.get_signed_cookie(TOKEN, default="") or "")
