"""The desk: list, item, and the acts on it. Thin: parse, one act, render."""

import uuid
from collections.abc import Callable
from typing import Any

from django.contrib.auth import get_user_model
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_GET, require_POST

from compliance import policy
from compliance.verification import (
    age,
    claims,
    decisions,
    escalation,
    evidence,
    in_person,
    messages,
    queue,
    words,
)
from compliance.verification.errors import Refusal
from compliance.verification.models import Decision, VerificationRequest
from compliance.verification.states import DECIDED, DenyReason, State
from monitoring.ui.guards import needs, refuse

may_view = needs("verification.view", to="see age verifications")
may_override = needs("verification.override", to="override decisions")
may_decide = needs("verification.decide", to="decide age verifications")
_STATUS = {
    "reason_missing": 422,
    "not_revealed": 422,
    "not_attested": 422,
    "store_failed": 503,
    "evidence_gone": 410,
    "own_request": 403,
    "escalated_to_other": 403,
    "own_decision": 403,
}


@may_view
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """The list, and nothing open."""
    return _page(request, None)


@may_view
@require_GET
def rows(request: HttpRequest) -> HttpResponse:
    """The list alone, polled: 204 while it looks the same."""
    filters = queue.Filters.from_query(request.GET)
    found, totals = queue.page(filters, request.user), queue.counts(request.user)
    version = queue.version_of(found, totals)
    if request.GET.get("seen") == version:
        return HttpResponse(status=204)
    context = _list_context(request, filters, found, totals)
    before = request.GET.get("total", "")
    if before.isdecimal() and len(before) < 20 and totals[0][2].isdigit():
        new = int(totals[0][2]) - int(before)
        if new > 0:
            context["announce"] = f"{new} new request{'s' if new > 1 else ''}"
    return render(request, "verification/_rows.html", context)


@may_view
@require_GET
def show(request: HttpRequest, request_id: int) -> HttpResponse:
    """One item: facts only. The whole page without htmx, the two columns with it."""
    found = queue.item(request_id, request.user)
    if found is None:
        return render(
            request, "404.html", {"sentence": "There is no request of that number."}, status=404
        )
    if request.htmx:  # type: ignore[attr-defined]
        return _item(request, found)
    return _page(request, found)


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
    return _back_to_list(request)


@may_decide
@require_POST
def picture(request: HttpRequest, request_id: int, position: int) -> HttpResponse:
    """Reveal one picture: streamed through here, kept nowhere, each look recorded."""
    try:
        content = evidence.reveal(request_id, position, request.user)
    except Refusal as refusal:
        return HttpResponse(
            refusal.sentence, status=_STATUS.get(refusal.code, 409), content_type="text/plain"
        )
    answer = HttpResponse(content, content_type="image/jpeg")
    patch_cache_control(answer, no_store=True, private=True, max_age=0)
    answer["Content-Disposition"] = "inline"
    answer["Cross-Origin-Resource-Policy"] = "same-origin"
    return answer


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
    to = _reviewers(request.user).filter(username=request.POST.get("to", "")).first()
    if request.POST.get("to") and to is None:
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
        return _refused(request, request_id, refusal)
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
        return _refused(request, request_id, refusal)
    return _open(request, request_id, decision)


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
        return _refused(request, decision.request_id, refusal)
    # The one that was opened in its place was not asked for.
    leave = request.POST.get("leave", "")
    if leave.isdecimal() and len(leave) < 20 and int(leave) != found.pk:
        claims.release(int(leave), request.user)
    return _open(request, found.pk, announce="Taken back.")


@may_decide
@require_POST
def open_next(request: HttpRequest) -> HttpResponse:
    """Claim and open the oldest that nobody holds, leaving the present one to others."""
    text, present = request.POST.get("after", ""), None
    if text.isdecimal() and len(text) < 20:
        claims.release(int(text), request.user)
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
        return _refused(request, request_id, refusal)
    return _next(request, decision)


def _next(
    request: HttpRequest,
    decision: Decision | None = None,
    after: VerificationRequest | None = None,
) -> HttpResponse:
    """The next item, claimed, with the toast of the decision before it."""
    claim = claims.claim_next(request.user, after)
    if claim is None:
        return _back_to_list(request, decision)
    return _open(request, claim.request_id, decision)


def _act(request: HttpRequest, request_id: int, act: Callable[[], Any]) -> HttpResponse:
    try:
        act()
    except Refusal as refusal:
        return _refused(request, request_id, refusal)
    return _open(request, request_id)


def _open(
    request: HttpRequest,
    request_id: int,
    decision: Decision | None = None,
    announce: str = "",
) -> HttpResponse:
    url = reverse("queue_item", args=[request_id])
    if not request.htmx:  # type: ignore[attr-defined]
        return HttpResponseRedirect(url)
    found = queue.item(request_id, request.user)
    answer = _item(request, found, decision, announce=announce)
    answer["HX-Push-Url"] = url
    answer["HX-Trigger"] = "queuechanged"
    return answer


def _back_to_list(request: HttpRequest, decision: Decision | None = None) -> HttpResponse:
    if not request.htmx:  # type: ignore[attr-defined]
        return HttpResponseRedirect(reverse("queue"))
    answer = _item(request, None, decision)
    answer["HX-Push-Url"] = reverse("queue")
    answer["HX-Trigger"] = "queuechanged"
    return answer


def _refused(request: HttpRequest, request_id: int, refusal: Refusal) -> HttpResponse:
    """The item as it is now, with the sentence why nothing was done."""
    found = queue.item(request_id, request.user)
    status = _STATUS.get(refusal.code, 409)
    if request.htmx:  # type: ignore[attr-defined]
        return _item(request, found, refusal=refusal, status=status)
    return _page(request, found, refusal=refusal, status=status)


def _page(
    request: HttpRequest,
    found: queue.Item | None,
    refusal: Refusal | None = None,
    status: int = 200,
) -> HttpResponse:
    filters = queue.Filters.from_query(request.GET)
    listed, totals = queue.page(filters, request.user), queue.counts(request.user)
    context = _list_context(request, filters, listed, totals)
    context |= _item_context(request, found, refusal=refusal)
    return render(request, "verification/desk.html", context, status=status)


def _item(
    request: HttpRequest,
    found: queue.Item | None,
    decision: Decision | None = None,
    refusal: Refusal | None = None,
    announce: str = "",
    status: int = 200,
) -> HttpResponse:
    context = _item_context(request, found, decision, refusal, announce)
    return render(request, "verification/_item.html", context, status=status)


def _list_context(
    request: HttpRequest,
    filters: queue.Filters,
    found: queue.Page,
    totals: list[tuple[str, str, str]],
) -> dict[str, Any]:
    return {
        "filters": filters,
        "page": found,
        "totals": totals,
        "list_version": queue.version_of(found, totals),
        "may_decide": request.user.has_perm("verification.decide"),
    }


def _item_context(
    request: HttpRequest,
    found: queue.Item | None,
    decision: Decision | None = None,
    refusal: Refusal | None = None,
    announce: str = "",
) -> dict[str, Any]:
    return {
        "item": found,
        "selected": found.request.pk if found else None,
        "refusal": refusal,
        "announce": announce,
        "just_decided": decision,
        "just_decided_words": words.decided(decision) if decision else "",
        "just_decided_said": words.decided_aloud(decision) if decision else "",
        "form_key": uuid.uuid4(),
        "deny_reasons": list(enumerate(DenyReason.choices, start=1)),
        "born_on_or_before": age.born_on_or_before(),
        "threshold": policy.AGE_THRESHOLD_YEARS,
        "undo_seconds": int(policy.UNDO_WINDOW.total_seconds()),
        "approve_preview": messages.approval(found.request.method) if found else "",
        "needs_attestation": found is not None and in_person.needs_attestation(found.request),
        "may_decide": request.user.has_perm("verification.decide"),
        "reviewers": _reviewers(request.user) if found and found.is_mine else (),
        "may_override": _may_override(request, found),
    }


def _reviewers(user: Any) -> Any:
    """Who else may decide, to be handed a request."""
    found = get_user_model().objects.with_perm("verification.decide")
    return found.exclude(pk=user.pk).order_by("username")


def _may_override(request: HttpRequest, found: queue.Item | None) -> bool:
    """Whether the form is shown; the act itself checks everything again."""
    return bool(
        found
        and found.decision
        and found.request.state in DECIDED
        and found.decision.decided_by_id != request.user.pk
        and found.decision.undo_until <= timezone.now()
        and request.user.has_perm("verification.override")
    )
