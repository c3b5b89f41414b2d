"""The OpenAPI 3.1 document of the admin API, by hand; a test holds it to what the views answer."""

from typing import Any

from django.conf import settings

from compliance.verification.states import REVIEWABLE, Method
from growmies_admin import policy
from growmies_admin.accounts.scopes import Scope
from growmies_admin.api.refusing import meanings

_COUNT = {"type": "integer", "minimum": 0}
_MOMENT = {"type": "string", "format": "date-time", "description": "UTC, ISO 8601."}
_BY_STATUS = {400: "Refused", 401: "NotAccepted", 403: "NotAllowed", 503: "Unavailable"}


def _object(description: str, **properties: Any) -> dict[str, Any]:
    """An object that has exactly these properties."""
    return {
        "type": "object",
        "description": description,
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _get(
    name: str, summary: str, answer: dict[str, Any], scope: Scope | None, *refused: int, **more: Any
) -> dict[str, Any]:
    """One path with its GET; `refused` are the statuses of refusals that it knows."""
    found = {
        str(status): {"$ref": f"#/components/responses/{_BY_STATUS[status]}"} for status in refused
    }
    ok = {"description": "Done.", "content": {"application/json": {"schema": answer}}}
    return {
        "get": {
            "operationId": name,
            "summary": summary,
            "security": [{"token": [scope.value] if scope else []}],
            "responses": {"200": ok, **found},
            **more,
        }
    }


def _refusal(status: int, headers: dict[str, Any]) -> dict[str, Any]:
    """The answers of one status, with its codes and when each is given."""
    codes = {code: one.sentence for code, one in meanings().items() if one.status == status}
    return {
        "description": "; ".join(f"{code}: {when}" for code, when in codes.items()),
        "headers": headers,
        "content": {
            "application/json": {
                "schema": _object(
                    "Why not.",
                    error={"type": "string", "description": "A sentence for people."},
                    code={"type": "string", "enum": list(codes)},
                )
            }
        },
    }


def _header(schema: dict[str, Any]) -> dict[str, Any]:
    return {"schema": schema}


def _parameter(name: str, description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "query", "description": description, "schema": schema}


DOCUMENT: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {
        "title": "Growmies Admin API",
        "version": "1",
        "description": "Read-only. Ids and snowflakes are strings. Nothing may be cached.",
    },
    "servers": [{"url": settings.PUBLIC_URL}],
    "paths": {
        "/api/admin/verification-queue": _get(
            "verification_queue",
            "How many wait for a review, and for how long",
            {"$ref": "#/components/schemas/VerificationQueue"},
            Scope.QUEUE_READ,
            *(401, 403, 503),
        ),
        "/api/admin/verifications": _get(
            "verifications",
            "Those that wait for a review, oldest deadline first",
            {"$ref": "#/components/schemas/VerificationPage"},
            Scope.QUEUE_READ,
            *(400, 401, 403, 503),
            parameters=[
                _parameter("cursor", "next_cursor of the page before", {"type": "string"}),
                _parameter(
                    "limit",
                    "How many at most",
                    {
                        "type": "integer",
                        "minimum": 1,
                        "maximum": policy.API_PAGE_MOST,
                        "default": policy.API_PAGE,
                    },
                ),
            ],
        ),
        "/api/admin/openapi.json": _get(
            "openapi", "This document", {"type": "object"}, None, 401, 503
        ),
    },
    "components": {
        "securitySchemes": {
            "token": {
                "type": "http",
                "scheme": "bearer",
                "description": "A token that its owner opened at /staff/keys/.",
            }
        },
        "schemas": {
            "VerificationQueue": _object(
                "How the queue stands.",
                pending_count={**_COUNT, "description": "State pending, claimed or not."},
                claimed_count={**_COUNT, "description": "Pending or escalated, held by somebody."},
                escalated_count={**_COUNT, "description": "State escalated."},
                overdue_count={
                    **_COUNT,
                    "description": "Pending or escalated, past the review deadline.",
                },
                oldest_pending_seconds={
                    **_COUNT,
                    "description": "Since the first submission of the oldest one that is pending "
                    "or escalated; 0 when the queue is empty.",
                },
            ),
            "VerificationPage": _object(
                "One page.",
                verifications={
                    "type": "array",
                    "items": {"$ref": "#/components/schemas/Verification"},
                    "maxItems": policy.API_PAGE_MOST,
                },
                next_cursor={
                    "type": ["string", "null"],
                    "description": "For the next page; null at the end.",
                },
            ),
            "Verification": _object(
                "A request that waits for a review: facts only.",
                id={"type": "string", "pattern": "^[0-9]+$"},
                member_id={
                    "type": "string",
                    "pattern": "^[0-9]+$",
                    "description": "The member's snowflake.",
                },
                method={"type": "string", "enum": list(Method.values)},
                state={"type": "string", "enum": [state.value for state in REVIEWABLE]},
                submitted_at={**_MOMENT, "description": "First submission, UTC."},
                due_at={**_MOMENT, "description": "Review deadline, UTC."},
                claimed_by={
                    "type": ["string", "null"],
                    "description": "User name of the moderator who holds it.",
                },
                version={"type": "integer", "minimum": 1, "description": "Rises with every move."},
            ),
        },
        "responses": {
            "Refused": _refusal(400, {}),
            "NotAccepted": _refusal(
                401, {"WWW-Authenticate": _header({"type": "string", "const": "Bearer"})}
            ),
            "NotAllowed": _refusal(403, {}),
            "Unavailable": _refusal(503, {"Retry-After": _header({"type": "integer"})}),
        },
    },
}
