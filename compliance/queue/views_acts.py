"""The acts on one request of the desk. Thin: parse, one act, render what is there afterwards."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from compliance.desk import holding, presence
from compliance.desk.models import Claim, Escalation
from compliance.queue import bulk, forms, listing, pages, words
from compliance.refusals import Refusal
from compliance.verification import claims, decisions, escalation, overriding, taking_back
from compliance.verification.claims import KIND
from compliance.verification.models import Decision, VerificationRequest
from compliance.verification.states import State
from monitoring.people import Request
from monitoring.ui import acts, refused
from monitoring.ui.guards import needs, refuse

may_decide = needs("verification.decide", to="decide age verifications")
may_override = needs("verification.override", to="override decisions")


@may_decide
@require_POST
def claim(request: Request, request_id: int) -> HttpResponse:
    claim_it = partial(claims.claim, request_id, request.user, from_page=True)
    return _act(request, request_id, claim_it)


@may_decide
@require_POST
def renew(request: Request, request_id: int) -> HttpResponse:
    """A sign of work: the lease runs on. 409 when it is not held any more."""
    held = claims.renew(request_id, request.user)
    if held is None:
        return HttpResponse(status=409)
    return _lease_of(held)


@may_decide
@require_POST
def sign(request: Request, request_id: int) -> HttpResponse:
    """A sign of the page: `state` visible, hidden or left. 409 when the request is not held."""
    try:
        said = acts.read(forms.Sign, request)
    except Refusal as refusal:
        return refused.as_page(request, refusal)
    held = claims.sign(request_id, request.user, claims.Sign(said["state"]))
    if held is None:
        return HttpResponse(status=409)
    return _lease_of(held)


@may_decide
@require_POST
def release(request: Request, request_id: int) -> HttpResponse:
    claims.release(request_id, request.user)
    presence.leave(KIND.name, request_id, request.user)
    return pages.back_to_list(request)


@may_decide
@require_POST
def approve(request: Request, request_id: int) -> HttpResponse:
    return _decide(
        request,
        request_id,
        lambda said: decisions.approve(
            request_id,
            moderator=request.user,
            version=said["version"],
            idempotency_key=said["key"],
            attested=said["attested"][:10],
        ),
    )


@may_decide
@require_POST
def deny(request: Request, request_id: int) -> HttpResponse:
    return _decide(
        request,
        request_id,
        lambda said: decisions.deny(
            request_id,
            moderator=request.user,
            version=said["version"],
            reason=said["reason"],
            note=said["note"],
            idempotency_key=said["key"],
        ),
    )


@may_decide
@require_POST
def ask_more(request: Request, request_id: int) -> HttpResponse:
    return _decide(
        request,
        request_id,
        lambda said: decisions.request_more(
            request_id,
            moderator=request.user,
            version=said["version"],
            note=said["note"],
            idempotency_key=said["key"],
        ),
    )


@may_decide
@require_POST
def escalate(request: Request, request_id: int) -> HttpResponse:
    """Hand it to a named person, or to compliance, and go on with the next one."""
    try:
        said = acts.read(forms.Escalate, request)
    except Refusal as refusal:
        return refused.as_page(request, refusal)
    named = said["to"]
    to = pages.reviewer(request, named) if named else None
    if named and to is None:
        return refuse(request, "There is no such reviewer.", status=422)
    try:
        claims.begin(request_id, request.user)
        row = escalation.escalate(
            request_id,
            moderator=request.user,
            version=said["version"],
            note=said["note"],
            to=to,
        )
    except Refusal as refusal:
        return pages.refused(request, request_id, refusal)
    presence.leave(KIND.name, request_id, request.user)
    return _next(request, words.escalated_aloud(row))


@may_override
@require_POST
def override(request: Request, request_id: int) -> HttpResponse:
    """Reverse a decision of somebody else, with words why; it can be undone like any other."""
    try:
        said = acts.read(forms.Override, request)
    except Refusal as refusal:
        return refused.as_page(request, refusal)
    try:
        decision = overriding.override(
            request_id,
            staff=request.user,
            version=said["version"],
            result=State.DENIED if said["reason"] else State.APPROVED,
            reason=said["reason"],
            note=said["note"],
        )
    except VerificationRequest.DoesNotExist:
        return refuse(request, "There is no request of that number.", status=404)
    except Refusal as refusal:
        return pages.refused(request, request_id, refusal)
    return pages.opened(request, request_id, words.decided_aloud(decision))


@may_decide
@require_POST
def undo(request: Request, decision_id: int) -> HttpResponse:
    """Take one's decision back; its request is open and claimed again."""
    try:
        found = taking_back.undo(decision_id, moderator=request.user)
    except Decision.DoesNotExist:
        return refuse(request, "There is no such decision.", status=404)
    except Refusal as refusal:
        decision = Decision.objects.get(pk=decision_id)
        return pages.refused(request, decision.request_id, refusal)
    return _taken_back(request, found)


@may_decide
@require_POST
def undo_escalation(request: Request, escalation_id: int) -> HttpResponse:
    """Take back what one handed on; its request is open and claimed again."""
    try:
        found = escalation.undo(escalation_id, moderator=request.user)
    except Refusal as refusal:
        row = Escalation.objects.select_related("item").filter(pk=escalation_id).first()
        if row is None:
            return refuse(request, refusal.sentence, status=404)
        return pages.refused(request, row.item.subject, refusal)
    return _taken_back(request, found)


@may_decide
@require_POST
def undo_held(request: Request, held_id: int) -> HttpResponse:
    """Take back what has not happened yet: an act on many, an answer of a second review."""
    try:
        row = holding.undo(held_id, by=request.user)
    except Refusal as refusal:
        return refused.as_page(request, refusal)
    if row.kind == bulk.HELD:
        messages.success(request, "Taken back. Nothing was done.")
        return HttpResponseRedirect(reverse("queue_bulk"))
    messages.success(request, "Taken back. The second review is yours again.")
    return HttpResponseRedirect(reverse("second_reviews"))


@may_decide
@require_POST
def open_next(request: Request) -> HttpResponse:
    """Claim and open the oldest that nobody holds, leaving the present one to others."""
    left = acts.what_fits(forms.Moving, request)["after"]
    if left is not None:
        claims.release(left, request.user)
        presence.leave(KIND.name, left, request.user)
    return _next(request, after=left)


def _decide(
    request: Request, request_id: int, act: Callable[[dict[str, Any]], Decision]
) -> HttpResponse:
    try:
        said = acts.read(forms.Decide, request)
    except Refusal as refusal:
        return refused.as_page(request, refusal)
    try:
        claims.begin(request_id, request.user)
        decision = act(said)
    except Refusal as refusal:
        return pages.refused(request, request_id, refusal)
    presence.leave(KIND.name, request_id, request.user)
    return _next(request, words.decided_aloud(decision))


def _taken_back(request: Request, found: VerificationRequest) -> HttpResponse:
    # The one that was opened in its place was not asked for.
    leave = acts.what_fits(forms.Moving, request)["leave"]
    if leave is not None and leave != found.pk:
        claims.release(leave, request.user)
    return pages.opened(request, found.pk, "Taken back.")


def _lease_of(held: Claim) -> HttpResponse:
    """Until when it lasts without work, for the page's countdown."""
    until = held.lease_until or held.expires_at
    return HttpResponse(until.isoformat(), content_type="text/plain")


def _next(request: Request, done: str = "", after: int | None = None) -> HttpResponse:
    """The next item that fits the filters, claimed; `done` is said aloud of the one before."""
    filters = pages.filters_of(request)
    among = listing.matching(filters, request.user) if filters.as_query() else None
    claim = claims.claim_next(request.user, after, among)
    if claim is None:
        return pages.back_to_list(request, f"{_none_left(filters)} {done}".strip())
    return pages.opened(request, claim.item.subject, f"{_another(request, claim)} {done}".strip())


def _none_left(filters: listing.Filters) -> str:
    return "Nothing else fits this filter." if filters.as_query() else "Nobody else is waiting."


def _another(request: Request, claim: Claim) -> str:
    """Says so when the one that the page had made ready went to somebody else meanwhile."""
    expected = acts.what_fits(forms.Moving, request)["expected"]
    if expected is None or expected == claim.item.subject:
        return ""
    return "The one that was ready went to somebody else; this is the next one."


def _act(request: Request, request_id: int, act: Callable[[], Any]) -> HttpResponse:
    try:
        act()
    except Refusal as refusal:
        return pages.refused(request, request_id, refusal)
    return pages.opened(request, request_id)
