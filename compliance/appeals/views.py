"""/appeals/: the list, one appeal with the decision that it is about, and the acts on it."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from compliance.appeals import deciding, forms, listing
from compliance.appeals.claims import CLAIMS
from compliance.appeals.models import Appeal, AppealState
from compliance.desk import showing, undoing
from compliance.refusals import Refusal
from monitoring.people import Person, Request
from monitoring.ui import acts, refused
from monitoring.ui.guards import needs

may_view = needs("appeals.view", to="see appeals")
may_decide = needs("appeals.decide", to="decide appeals")
_ACTS: dict[str, Callable[..., Appeal]] = {
    "upheld": deciding.uphold,
    "granted": deciding.grant,
    "reversed": deciding.reverse,
    "moot": lambda pk, *, staff, version, note: deciding.close(pk, staff=staff, version=version),
}


@may_view
@require_GET
def index(request: Request) -> HttpResponse:
    filters = listing.Filters.from_query(request.GET)
    page = listing.page(filters, request.user)
    context = {"filters": filters, "page": page, "tabs": listing.TABS}
    context |= undoing.context(request.user)
    return render(request, "appeals/index.html", context)


@may_view
@require_GET
def show(request: Request, appeal_id: int) -> HttpResponse:
    return _page(request, appeal_id)


@may_decide
@require_POST
def decide(request: Request, appeal_id: int) -> HttpResponse:
    """`outcome` upheld, granted, reversed or moot; `version` that the page showed; `note`."""
    try:
        said = acts.read(forms.Decide, request)
    except Refusal as refusal:
        return refused.as_page(request, refusal)
    try:
        _ACTS[said["outcome"]](
            appeal_id, staff=request.user, version=said["version"], note=said["note"]
        )
    except Refusal as refusal:
        return _page(request, appeal_id, refusal)
    return HttpResponseRedirect(reverse("appeal", args=[appeal_id]))


@may_decide
@require_POST
def undo(request: Request, appeal_id: int) -> HttpResponse:
    try:
        deciding.undo(appeal_id, staff=request.user)
    except Refusal as refusal:
        return _page(request, appeal_id, refusal)
    messages.success(request, "Taken back. The appeal is open again.")
    return HttpResponseRedirect(reverse("appeal", args=[appeal_id]))


def _page(request: Request, appeal_id: int, refusal: Refusal | None = None) -> HttpResponse:
    appeal = (
        listing.visible_to(request.user)
        .select_related(
            "member",
            "decision__request",
            "decision__decided_by",
            "decision__overrides",
            "decided_by",
        )
        .filter(pk=appeal_id)
        .first()
    )
    if appeal is None:
        sentence = "There is no appeal of that number that you may see now."
        return render(request, "404.html", {"sentence": sentence}, status=404)
    user: Person = request.user
    is_open = appeal.state == AppealState.OPEN
    not_mine = deciding.may_not(appeal, user)
    held = showing.held(CLAIMS, [appeal_id], user)[appeal_id]
    context = {
        "held": held,
        "appeal": appeal,
        "refusal": refusal,
        "is_open": is_open,
        "is_moot": is_open and deciding.is_moot(appeal),
        "not_mine": not_mine,
        "may_decide": is_open
        and not_mine is None
        and not held.by_other
        and user.has_perm("appeals.decide"),
        "may_reverse": user.has_perm("verification.override"),
        "may_undo": appeal.decided_by_id == user.pk
        and appeal.undo_until is not None
        and appeal.undo_until > timezone.now(),
    }
    context |= undoing.context(user)
    status = refusal.status if refusal else 200
    return render(request, "appeals/appeal.html", context, status=status)
