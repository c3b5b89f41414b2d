"""Renders the desk: the whole page, or the two columns of one request for htmx."""

import uuid
from typing import Any
from urllib.parse import urlsplit

from django.contrib.auth import get_user_model
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from compliance import policy
from compliance.verification import age, in_person, items, messages, queue, watching, words
from compliance.verification.errors import Refusal
from compliance.verification.models import Decision
from compliance.verification.states import AWAITS_MEMBER, DECIDED, DenyReason, Method, State

STATUS = {
    "reason_missing": 422,
    "not_revealed": 422,
    "not_attested": 422,
    "store_failed": 503,
    "evidence_gone": 410,
    "own_request": 403,
    "escalated_to_other": 403,
    "own_decision": 403,
}
STATE_CHOICES = [
    (state.value, state.label) for state in (State.PENDING, State.ESCALATED, *AWAITS_MEMBER)
]


def filters_of(request: HttpRequest) -> queue.Filters:
    """The filters of the page: of its own address, or of the one that a partial stands on."""
    asked = not queue.FILTERED_BY.isdisjoint(request.GET)
    if asked or not request.htmx:  # type: ignore[attr-defined]
        return queue.Filters.from_query(request.GET)
    page = urlsplit(request.headers.get("HX-Current-URL", ""))
    return queue.Filters.from_query(QueryDict(page.query))


def page(
    request: HttpRequest,
    found: items.Item | None,
    refusal: Refusal | None = None,
    status: int = 200,
) -> HttpResponse:
    """The whole desk, with one request open or none."""
    filters = filters_of(request)
    listed, totals = queue.page(filters, request.user), queue.counts(request.user, filters)
    context = list_context(request, filters, listed, totals)
    context |= _item_context(request, found, refusal=refusal)
    return render(request, "verification/desk.html", context, status=status)


def item(
    request: HttpRequest,
    found: items.Item | None,
    decision: Decision | None = None,
    refusal: Refusal | None = None,
    announce: str = "",
    status: int = 200,
) -> HttpResponse:
    """The two columns of one request."""
    context = _item_context(request, found, decision, refusal, announce)
    return render(request, "verification/_item.html", context, status=status)


def upcoming(request: HttpRequest, found: items.Item) -> HttpResponse:
    """The facts of one request that nobody has opened yet."""
    context = {
        "item": found,
        "born_on_or_before": age.born_on_or_before(),
        "threshold": policy.AGE_THRESHOLD_YEARS,
        "needs_attestation": in_person.needs_attestation(found.request),
    }
    return render(request, "verification/_upcoming.html", context)


def opened(
    request: HttpRequest,
    request_id: int,
    decision: Decision | None = None,
    announce: str = "",
) -> HttpResponse:
    """The answer to an act that opens a request; its address keeps the filters."""
    url = reverse("queue_item", args=[request_id]) + filters_of(request).as_query()
    if not request.htmx:  # type: ignore[attr-defined]
        return HttpResponseRedirect(url)
    found = items.item(request_id, request.user)
    answer = item(request, found, decision, announce=announce)
    return _pushed(answer, url)


def back_to_list(
    request: HttpRequest, decision: Decision | None = None, announce: str = ""
) -> HttpResponse:
    """The answer to an act after which nothing is open."""
    url = reverse("queue") + filters_of(request).as_query()
    if not request.htmx:  # type: ignore[attr-defined]
        return HttpResponseRedirect(url)
    return _pushed(item(request, None, decision, announce=announce), url)


def refused(request: HttpRequest, request_id: int, refusal: Refusal) -> HttpResponse:
    """The request as it is now, with the sentence why nothing was done."""
    found = items.item(request_id, request.user)
    status = STATUS.get(refusal.code, 409)
    if request.htmx:  # type: ignore[attr-defined]
        return item(request, found, refusal=refusal, status=status)
    return page(request, found, refusal=refusal, status=status)


def list_context(
    request: HttpRequest,
    filters: queue.Filters,
    found: queue.Page,
    totals: list[tuple[str, str, str]],
) -> dict[str, Any]:
    return {
        "filters": filters,
        "here": filters.as_query(),
        "page": found,
        "totals": totals,
        "list_version": queue.version_of(found, totals),
        "states": STATE_CHOICES,
        "methods": Method.choices,
        "may_decide": request.user.has_perm("verification.decide"),
        "may_bulk": request.user.has_perm("verification.bulk"),
    }


def _pushed(answer: HttpResponse, url: str) -> HttpResponse:
    answer["HX-Push-Url"] = url
    answer["HX-Trigger"] = "queuechanged"
    return answer


def _item_context(
    request: HttpRequest,
    found: items.Item | None,
    decision: Decision | None = None,
    refusal: Refusal | None = None,
    announce: str = "",
) -> dict[str, Any]:
    context: dict[str, Any] = {
        "item": found,
        "here": filters_of(request).as_query(),
        "selected": found.request.pk if found else None,
        "refusal": refusal,
        "announce": announce,
        "just_decided": decision,
        "just_decided_words": words.decided(decision) if decision else "",
        "just_decided_said": words.decided_aloud(decision) if decision else "",
        "undo_seconds": int(policy.UNDO_WINDOW.total_seconds()),
        "may_decide": request.user.has_perm("verification.decide"),
    }
    return context | _facts(request, found) if found else context


def _facts(request: HttpRequest, found: items.Item) -> dict[str, Any]:
    previews = messages.previews(found.request)
    reasons = enumerate(DenyReason.choices, start=1)
    return {
        "form_key": uuid.uuid4(),
        "deny_reasons": [(number, choice, previews[choice[0]]) for number, choice in reasons],
        "previews": previews,
        "born_on_or_before": age.born_on_or_before(),
        "threshold": policy.AGE_THRESHOLD_YEARS,
        "needs_attestation": in_person.needs_attestation(found.request),
        "watched": watching.begin(found, request.user),
        "reviewers": others_who_decide(request.user) if found.is_mine else (),
        "may_override": _may_override(request, found),
        "may_look": bool(
            found.pictures
            and not found.is_mine
            and request.user.has_perm("verification.view_any_evidence")
        ),
    }


def reviewer(request: HttpRequest, username: str) -> Any:
    """Somebody else who may decide, by name; None when there is none."""
    return others_who_decide(request.user).filter(username=username).first()


def others_who_decide(user: Any) -> Any:
    """Who else may decide, to be handed a request."""
    found = get_user_model().objects.with_perm("verification.decide")
    return found.exclude(pk=user.pk).order_by("username")


def _may_override(request: HttpRequest, found: items.Item) -> bool:
    """Whether the form is shown; the act itself checks everything again."""
    return bool(
        found.decision
        and found.request.state in DECIDED
        and found.decision.decided_by_id != request.user.pk
        and found.decision.undo_until <= timezone.now()
        and request.user.has_perm("verification.override")
    )
