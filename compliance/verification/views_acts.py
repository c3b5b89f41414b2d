"""The acts on one request of the desk. Thin: parse, one act, render what is there afterwards."""

import uuid
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from compliance.verification import claims, decisions, desk, escalation, presence, queue
from compliance.verification.errors import Refusal
from compliance.verification.models import Claim, Decision, VerificationRequest
from compliance.verification.states import State
from monitoring.ui.guards import needs, refuse

may_decide = needs("verification.decide", to="decide age verifications")
may_override = needs("verification.override", to="override decisions")


@may_decide
@require_POST
def claim(request: HttpRequest, request_id: int) -> HttpResponse:
    return _act(request, request_id, lambda: claims.claim(request_id, request.user))


@may_decide
@require_POST
def renew(request: HttpRequest, request_id: int) -> HttpResponse:
    """A sign of work: the lease runs on. 409 when it is not held any more."""
    held = claims.renew(request_id, request.user)
    if held is None:
        return HttpResponse(status=409)
    return HttpResponse(held.expires_at.isoformat(), content_type="text/plain")


@may_decide
@require_POST
def release(request: HttpRequest, request_id: int) -> HttpResponse:
    claims.release(request_id, request.user)
    presence.leave(request_id, request.user)
    return desk.back_to_list(request)


@may_decide
@require_POST
def approve(request: HttpRequest, request_id: int) -> HttpResponse:
    return _decide(
        request,
        request_id,
        lambda version, key: decisions.approve(
            request_id,
            moderator=request.user,
            version=version,
            idempotency_key=key,
            attested=request.POST.get("attested", "")[:10],
        ),
    )


@may_decide
@require_POST
def deny(request: HttpRequest, request_id: int) -> HttpResponse:
    return _decide(
        request,
        request_id,
        lambda version, key: decisions.deny(
            request_id,
            moderator=request.user,
            version=version,
            reason=request.POST.get("reason", ""),
            note=request.POST.get("note", ""),
            idempotency_key=key,
        ),
    )


@may_decide
@require_POST
def ask_more(request: HttpRequest, request_id: int) -> HttpResponse:
    return _decide(
        request,
        request_id,
        lambda version, key: decisions.request_more(
            request_id,
            moderator=request.user,
            version=version,
            note=request.POST.get("note", ""),
            idempotency_key=key,
        ),
    )


@may_decide
@require_POST
def escalate(request: HttpRequest, request_id: int) -> HttpResponse:
    """Hand it to a named person, or to compliance, and go on with the next one."""
    seen = request.POST.get("version", "")
    if not (seen.isdecimal() and len(seen) < 10):
        return refuse(request, "This form is damaged. Open the request again.", status=422)
    named = request.POST.get("to", "")
    to = desk.reviewer(request, named) if named else None
    if named and to is None:
        return refuse(request, "There is no such reviewer.", status=422)
    try:
        escalation.escalate(
            request_id,
            moderator=request.user,
            version=int(seen),
            note=request.POST.get("note", ""),
            to=to,
        )
    except Refusal as refusal:
        return desk.refused(request, request_id, refusal)
    presence.leave(request_id, request.user)
    return _next(request)


@may_override
@require_POST
def override(request: HttpRequest, request_id: int) -> HttpResponse:
    """Reverse a decision of somebody else, with words why; it can be undone like any other."""
    seen = request.POST.get("version", "")
    if not (seen.isdecimal() and len(seen) < 10):
        return refuse(request, "This form is damaged. Open the request again.", status=422)
    reason = request.POST.get("reason", "")
    try:
        decision = decisions.override(
            request_id,
            staff=request.user,
            version=int(seen),
            result=State.DENIED if reason else State.APPROVED,
            reason=reason,
            note=request.POST.get("note", ""),
        )
    except VerificationRequest.DoesNotExist:
        return refuse(request, "There is no request of that number.", status=404)
    except Refusal as refusal:
        return desk.refused(request, request_id, refusal)
    return desk.opened(request, request_id, decision)


@may_decide
@require_POST
def undo(request: HttpRequest, decision_id: int) -> HttpResponse:
    """Take one's decision back; its request is open and claimed again."""
    try:
        found = decisions.undo(decision_id, moderator=request.user)
    except Decision.DoesNotExist:
        return refuse(request, "There is no such decision.", status=404)
    except Refusal as refusal:
        decision = Decision.objects.get(pk=decision_id)
        return desk.refused(request, decision.request_id, refusal)
    # The one that was opened in its place was not asked for.
    leave = request.POST.get("leave", "")
    if leave.isdecimal() and len(leave) < 20 and int(leave) != found.pk:
        claims.release(int(leave), request.user)
    return desk.opened(request, found.pk, announce="Taken back.")


@may_decide
@require_POST
def open_next(request: HttpRequest) -> HttpResponse:
    """Claim and open the oldest that nobody holds, leaving the present one to others."""
    text, present = request.POST.get("after", ""), None
    if text.isdecimal() and len(text) < 20:
        claims.release(int(text), request.user)
        presence.leave(int(text), request.user)
        present = VerificationRequest.objects.filter(pk=int(text)).first()
    return _next(request, after=present)


def _decide(
    request: HttpRequest, request_id: int, act: Callable[[int, uuid.UUID | None], Decision]
) -> HttpResponse:
    version = request.POST.get("version", "")
    try:
        key = uuid.UUID(request.POST["key"]) if request.POST.get("key") else None
        seen = int(version)
    except ValueError:
        return refuse(request, "This form is damaged. Open the request again.", status=422)
    try:
        decision = act(seen, key)
    except Refusal as refusal:
        return desk.refused(request, request_id, refusal)
    presence.leave(request_id, request.user)
    return _next(request, decision)


def _next(
    request: HttpRequest,
    decision: Decision | None = None,
    after: VerificationRequest | None = None,
) -> HttpResponse:
    """The next item that fits the filters, claimed, with the toast of the decision before it."""
    filters = desk.filters_of(request)
    among = queue.matching(filters, request.user) if filters.as_query() else None
    claim = claims.claim_next(request.user, after, among)
    if claim is None:
        return desk.back_to_list(request, decision, _none_left(filters))
    return desk.opened(request, claim.request_id, decision, _another(request, claim))


def _none_left(filters: queue.Filters) -> str:
    return "Nothing else fits this filter." if filters.as_query() else "Nobody else waits."


def _another(request: HttpRequest, claim: Claim) -> str:
    """Says so when the one that the page had made ready went to somebody else meanwhile."""
    expected = request.POST.get("expected", "")
    if not (expected.isdecimal() and len(expected) < 20) or int(expected) == claim.request_id:
        return ""
    return "The one that was ready went to somebody else; this is the next one."


def _act(request: HttpRequest, request_id: int, act: Callable[[], Any]) -> HttpResponse:
    try:
        act()
    except Refusal as refusal:
        return desk.refused(request, request_id, refusal)
    return desk.opened(request, request_id)
