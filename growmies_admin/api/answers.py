"""What the admin API answers when it does not do what was asked: JSON, never a page."""

from typing import Any

from django.http import JsonResponse

# code -> (status, when), for people: docs/api.md and the OpenAPI document
REFUSALS: dict[str, tuple[int, str]] = {
    "limit_invalid": (400, "limit is no whole number from 1 to 100"),
    "cursor_invalid": (400, "cursor is none that a page has given"),
    "token_missing": (401, "there is no Authorization header with a Bearer token"),
    "token_unknown": (401, "no such token was ever made"),
    "token_revoked": (401, "it was revoked, or its owner left staff"),
    "token_expired": (401, "its time is over"),
    "owner_left": (401, "its owner may not sign in any more"),
    "scope_missing": (403, "it was not made for this"),
    "right_missing": (403, "its owner has no role that may do this"),
    "method_not_allowed": (405, "the admin API is read-only: GET and HEAD"),
    "unavailable": (503, "PostgreSQL does not answer; Retry-After says when to ask again"),
}


def refuse(code: str, sentence: str, **headers: Any) -> JsonResponse:
    """One of REFUSALS, with its status and a sentence for people."""
    return JsonResponse(
        {"error": sentence, "code": code},
        status=REFUSALS[code][0],
        headers={name.replace("_", "-"): value for name, value in headers.items()},
    )
