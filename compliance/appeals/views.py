"""/appeals/: the list, one appeal with the decision that it is about, and the acts on it."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from compliance.appeals import deciding, listing
from compliance.appeals.models import Appeal, AppealState
from compliance.verification.errors import Refusal
from monitoring.ui.guards import needs, refuse

may_view = needs("appeals.view", to="see appeals")
may_decide = needs("appeals.decide", to="decide appeals")
_STATUS = {"own_decision": 403, "own_appeal": 403, "blind": 403, "reason_missing": 422}
_ACTS: dict[str, Callable[..., Appeal]] = {
    "upheld": deciding.uphold,
    "granted": deciding.grant,
    "reversed": deciding.reverse,
    "moot": lambda pk, *, staff, version, note: deciding.close(pk, staff=staff, version=version),
}


@may_view
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    filters = listing.Filters.from_query(request.GET)
    rows, cursor = listing.page(filters, request.user)
    context = {"filters": filters, "rows": rows, "next_cursor": cursor, "tabs": listing.TABS}
    return render(request, "appeals/index.html", context)


@may_view
@require_GET
def show(request: HttpRequest, appeal_id: int) -> HttpResponse:
    return _page(request, appeal_id)


@may_decide
@require_POST
def decide(request: HttpRequest, appeal_id: int) -> HttpResponse:
    """`outcome` upheld, granted, reversed or moot; `version` that the page showed; `note`."""
    version, act = request.POST.get("version", ""), _ACTS.get(request.POST.get("outcome", ""))
    if act is None or not (version.isdecimal() and len(version) < 10):
        return refuse(request, "This form is damaged. Open the appeal again.", status=422)
    try:
        act(
            appeal_id,
            staff=request.user,
            version=int(version),
            note=request.POST.get("note", ""),
        )
    except Refusal as refusal:
        return _page(request, appeal_id, refusal)
    return HttpResponseRedirect(reverse("appeal", args=[appeal_id]))


@may_decide
@require_POST
def undo(request: HttpRequest, appeal_id: int) -> HttpResponse:
    try:
        deciding.undo(appeal_id, staff=request.user)
    except Refusal as refusal:
        return _page(request, appeal_id, refusal)
    messages.success(request, "Taken back. The appeal is open again.")
    return HttpResponseRedirect(reverse("appeal", args=[appeal_id]))


def _page(request: HttpRequest, appeal_id: int, refusal: Refusal | None = None) -> HttpResponse:
    appeal = (
        listing.visible_to(request.user)
        .select_related(
            "member", "decision__request", "decision_by", "decision__overrides", "decided_by"
        )
        .filter(pk=appeal_id)
        .first()
    )
    if appeal is None:
        sentence = "There is no appeal of that number that you may see now."
        return render(request, "404.html", {"sentence": sentence}, status=404)
    user: Any = request.user
    is_open = appeal.state == AppealState.OPEN
    not_mine = deciding.may_not(appeal, user)
    context = {
        "appeal": appeal,
        "refusal": refusal,
        "is_open": is_open,
        "is_moot": is_open and deciding.is_moot(appeal),
        "not_mine": not_mine,
        "may_decide": is_open and not_mine is None and user.has_perm("appeals.decide"),
        "may_reverse": user.has_perm("verification.override"),
        "may_undo": appeal.decided_by_id == user.pk
        and appeal.undo_until is not None
        and appeal.undo_until > timezone.now(),
    }
    status = _STATUS.get(refusal.code, 409) if refusal else 200
    return render(request, "appeals/appeal.html", context, status=status)
