"""LINE's answers: the error shape, and the refusals by their LINE wording."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.http import JsonResponse

RATE = "The API rate limit has been exceeded. Try again later."
MONTHLY = "You have reached your monthly limit."
UNAUTHORISED = (
    "Authentication failed. Confirm that the access token in the authorization "
    "header is valid."
)
NOT_FOUND = "Not found"


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with a request, and where."""

    message: str
    property: str

    def facts(self) -> dict[str, str]:
        """Return LINE's shape of an error detail."""
        return {"message": self.message, "property": self.property}


@dataclass
class LineError(Exception):
    """An answer other than 2xx."""

    status: int
    message: str
    details: Sequence[Problem] = ()
    headers: dict[str, str] = field(default_factory=dict)
    extra: dict[str, Any] = field(default_factory=dict)

    def response(self) -> JsonResponse:
        """Return it as LINE words it."""
        facts: dict[str, Any] = {"message": self.message}
        if self.details:
            facts["details"] = [problem.facts() for problem in self.details]
        return JsonResponse(
            facts | self.extra, status=self.status, headers=self.headers
        )


def invalid(problems: Sequence[Problem]) -> LineError:
    """Return the refusal of a body that breaks the schema or a limit."""
    message = f"The request body has {len(problems)} error(s)"
    return LineError(400, message, problems)


def not_found() -> LineError:
    """Return the refusal of something that is not there."""
    return LineError(404, NOT_FOUND)
