"""Renders the desk: the whole page, or the two columns of one request for htmx."""

import uuid
from typing import Any

from django.contrib.auth import get_user_model
from django.http import HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from compliance import policy
from compliance.desk import relations, undoing
from compliance.queue import items, listing, notes, watching
from compliance.refusals import Refusal
from compliance.verification import age, in_person, messages
from compliance.verification.states import AWAITS_MEMBER, DECIDED, DenyReason, Method, State
from monitoring.people import Person, Request
from monitoring.ui.redirects import page_of

STATE_CHOICES = [
    (state.value, state.label) for state in (State.PENDING, State.ESCALATED, *AWAITS_MEMBER)
]


def filters_of(request: Request) -> listing.Filters:
    """The filters of the page: of its own address, or of the one that a partial stands on."""
    asked = not listing.FILTERED_BY.isdisjoint(request.GET)
    if asked or not request.htmx:
        return listing.Filters.from_query(request.GET)
    return listing.Filters.from_query(QueryDict(page_of(request).partition("?")[2]))


def page(
    request: Request,
    found: items.Item | None,
    refusal: Refusal | None = None,
    status: int = 200,
) -> HttpResponse:
    """The whole desk, with one request open or none."""
    filters = filters_of(request)
    listed, totals = listing.page(filters, request.user), listing.counts(request.user, filters)
    context = list_context(request, filters, listed, totals)
    context |= _item_context(request, found, refusal=refusal)
    return render(request, "queue/desk.html", context, status=status)


def item(
    request: Request,
    found: items.Item | None,
    refusal: Refusal | None = None,
    announce: str = "",
    status: int = 200,
) -> HttpResponse:
    """The two columns of one request; `announce` is said aloud."""
    context = _item_context(request, found, refusal, announce)
    return render(request, "queue/_item.html", context, status=status)


def upcoming(request: Request, found: items.Item) -> HttpResponse:
    """The facts of one request that nobody has opened yet."""
    context = {
        "item": found,
        "born_on_or_before": age.born_on_or_before(),
        "threshold": policy.AGE_THRESHOLD_YEARS,
        "needs_attestation": in_person.needs_attestation(found.request),
    }
    return render(request, "queue/_upcoming.html", context)


def opened(request: Request, request_id: int, announce: str = "") -> HttpResponse:
    """The answer to an act that opens a request; its address keeps the filters."""
    url = reverse("queue_item", args=[request_id]) + filters_of(request).as_query()
    if not request.htmx:
        return HttpResponseRedirect(url)
    found = items.item(request_id, request.user)
    return _pushed(item(request, found, announce=announce), url)


def back_to_list(request: Request, announce: str = "") -> HttpResponse:
    """The answer to an act after which nothing is open."""
    url = reverse("queue") + filters_of(request).as_query()
    if not request.htmx:
        return HttpResponseRedirect(url)
    return _pushed(item(request, None, announce=announce), url)


def refused(request: Request, request_id: int, refusal: Refusal) -> HttpResponse:
    """The request as it is now, with the sentence why nothing was done."""
    found = items.item(request_id, request.user)
    status = refusal.status
    if request.htmx:
        return item(request, found, refusal=refusal, status=status)
    return page(request, found, refusal=refusal, status=status)


def list_context(
    request: Request,
    filters: listing.Filters,
    found: listing.Page,
    totals: list[tuple[str, str, str]],
) -> dict[str, Any]:
    return {
        "filters": filters,
        "here": filters.as_query(),
        "page": found,
        "totals": totals,
        "list_version": listing.version_of(found, totals),
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
    request: Request,
    found: items.Item | None,
    refusal: Refusal | None = None,
    announce: str = "",
) -> dict[str, Any]:
    context: dict[str, Any] = {
        "item": found,
        "here": filters_of(request).as_query(),
        "selected": found.request.pk if found else None,
        "refusal": refusal,
        "announce": announce,
        "may_decide": request.user.has_perm("verification.decide"),
    } | undoing.context(request.user)
    return context | _facts(request, found) if found else context


def _facts(request: Request, found: items.Item) -> dict[str, Any]:
    previews = messages.previews(found.request)
    reasons = enumerate(DenyReason.choices, start=1)
    return {
        "form_key": uuid.uuid4(),
        "deny_reasons": [(number, choice, previews[choice[0]]) for number, choice in reasons],
        "previews": previews,
        "born_on_or_before": age.born_on_or_before(),
        "threshold": policy.AGE_THRESHOLD_YEARS,
        "needs_attestation": in_person.needs_attestation(found.request),
        "workable": _is_workable(request, found),
        "watched": watching.begin(found, request.user),
        "reviewers": others_to_name(request.user) if _is_workable(request, found) else (),
        "may_override": _may_override(request, found),
        "notes": notes.of(found.request) if _may_read_notes(request, found) else (),
        "may_look": bool(
            found.pictures
            and not found.is_mine
            and not relations.is_own(request.user, found.request.member_id)
            and request.user.has_perm("verification.view_any_evidence")
        ),
    }


def reviewer(request: Request, username: str) -> Any:
    """Somebody else who may decide, by name; None when there is none."""
    return others_who_decide(request.user).filter(username=username).first()


def others_who_decide(user: Person) -> Any:
    """Who else may decide, to be handed a request."""
    found = get_user_model().objects.with_perm("verification.decide")
    return found.exclude(pk=user.pk).order_by("username")


def others_to_name(user: Person) -> Any:
    """Whom to choose from beside compliance, which is one choice: all of it may decide any."""
    compliance = get_user_model().objects.with_perm("verification.decide_escalated")
    return others_who_decide(user).exclude(pk__in=compliance.values("pk"))


def _is_workable(request: Request, found: items.Item) -> bool:
    """Whether it is theirs, or would be by their first act."""
    if not found.reviewable or not request.user.has_perm("verification.decide"):
        return False
    own = relations.is_own(request.user, found.request.member_id)
    return found.is_mine or (found.claim is None and found.may_claim and not own)


def _may_override(request: Request, found: items.Item) -> bool:
    """Whether the form is shown; the act itself checks everything again."""
    if found.decision is None:
        return False
    refusal = relations.why_not(
        request.user,
        member_id=found.request.member_id,
        authors=[found.decision.decided_by_id],
    )
    return bool(
        refusal is None
        and found.request.state in DECIDED
        and found.decision.undo_until <= timezone.now()
        and request.user.has_perm("verification.override")
    )


def _may_read_notes(request: Request, found: items.Item) -> bool:
    """Whoever may override reads what was written about a decision, but for their own."""
    return bool(
        found.decision is not None
        and request.user.has_perm("verification.override")
        and not relations.is_own(request.user, found.request.member_id)
    )
