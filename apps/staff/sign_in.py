"""How staff sign in: no sign-up, and each lands on the page of their work."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest

from apps.staff.models import Staff


class StaffAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth is untyped
    """Accounts are made by HQ; nobody signs up."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Refuse sign-up."""
        return False

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Send HQ to the dashboard and store staff to today's to-dos."""
        person = request.user
        return "/hq/" if isinstance(person, Staff) and person.is_hq else "/helper/"
