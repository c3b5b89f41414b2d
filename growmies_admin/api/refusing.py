"""What the admin API answers when it does not do what was asked: JSON, never a page."""

from django.http import JsonResponse

from monitoring.refusals import Meaning, Refusal, declare, declared
from monitoring.ui.refused import as_json

_OWN = {
    "limit_invalid": Meaning("limit is no whole number from 1 to 100", 400),
    "cursor_invalid": Meaning("cursor is none that a page has given", 400),
    "token_missing": Meaning("there is no Authorization header with a Bearer token", 401),
    "unavailable": Meaning(
        "PostgreSQL does not answer; Retry-After says when to ask again", 503, again=True
    ),
}
declare(_OWN)

# Codes of the API, as docs/api.md and the OpenAPI document list them; those of tokens stand in
# accounts/refusals.py.
_CODES = (
    "limit_invalid",
    "cursor_invalid",
    "token_missing",
    "token_unknown",
    "token_revoked",
    "token_expired",
    "owner_left",
    "second_factor_missing",
    "scope_missing",
    "right_missing",
    "method_not_allowed",
    "unavailable",
)


def meanings() -> dict[str, Meaning]:
    """Code -> status, and when it is answered, for people."""
    return {code: declared()[code] for code in _CODES}


def refuse(code: str, sentence: str, **headers: str) -> JsonResponse:
    """One of the codes, with its status and a sentence for people."""
    return as_json(Refusal(code, sentence), **headers)
