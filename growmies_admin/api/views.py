"""The admin API: read-only JSON for programs. docs/api.md shows it; openapi.py describes it."""

from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest, JsonResponse

from compliance.queue import listing
from growmies_admin import policy
from growmies_admin.accounts.scopes import Scope
from growmies_admin.api.bearer import bearer
from growmies_admin.api.openapi import DOCUMENT
from growmies_admin.api.refusing import refuse
from monitoring.ui import paging, params


@bearer(Scope.QUEUE_READ)
def verification_queue(request: HttpRequest) -> JsonResponse:
    """How many wait for a review, and for how long."""
    now = listing.figures()
    return JsonResponse(
        {
            "pending_count": now.pending,
            "claimed_count": now.claimed,
            "escalated_count": now.escalated,
            "overdue_count": now.overdue,
            "oldest_pending_seconds": int(now.oldest.total_seconds()),
        }
    )


@bearer(Scope.QUEUE_READ)
def verifications(request: HttpRequest) -> JsonResponse:
    """Those that wait, oldest deadline first; pages by cursor."""
    limit = _limit(request.GET.get("limit", str(policy.API_PAGE)))
    if limit is None:
        return refuse("limit_invalid", f"limit must be from 1 to {policy.API_PAGE_MOST}.")
    try:
        found, cursor = listing.waiting(request.GET.get("cursor", ""), limit)
    except paging.DamagedCursor:
        return refuse("cursor_invalid", "Send next_cursor of the page before, or no cursor.")
    return JsonResponse(
        {"verifications": [_verification(one) for one in found], "next_cursor": cursor or None}
    )


@bearer(None)
def openapi(request: HttpRequest) -> JsonResponse:
    """The OpenAPI document of all this."""
    return JsonResponse(DOCUMENT)


def _verification(request: Any) -> dict[str, object]:
    """Ids are strings: snowflakes exceed what JavaScript's numbers hold."""
    return {
        "id": str(request.pk),
        "member_id": str(request.member_id),
        "method": request.method,
        "state": request.state,
        "submitted_at": _moment(request.submitted_at),
        "due_at": _moment(request.due_at),
        "claimed_by": request.holder_name,
        "version": request.version,
    }


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _limit(text: str) -> int | None:
    return params.whole(text, policy.API_PAGE_MOST) or None
