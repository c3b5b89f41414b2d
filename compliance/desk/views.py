"""/inbox/: everything that waits for this person, of all kinds."""

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from compliance.desk import inbox, reading, showing, undoing
from compliance.desk.models import WorkItem
from compliance.refusals import Refusal
from monitoring.people import Request
from monitoring.ui import refused
from monitoring.ui.guards import needs

may_see = needs(
    "verification.decide",
    "verification.settle_disputes",
    "appeals.decide",
    to="see what waits for a person",
)


@may_see
@require_GET
def index(request: Request) -> HttpResponse:
    """The list, with nothing looked at."""
    return _page(request, None)


@may_see
@require_GET
def rows(request: Request) -> HttpResponse:
    """The list alone, polled: 204 while it looks the same."""
    filters = inbox.Filters.from_query(request.GET)
    found = inbox.of(request.user, filters)
    if request.GET.get("seen") == found.version:
        return HttpResponse(status=204)
    return render(request, "desk/_inbox.html", _list(filters, found))


@may_see
@require_GET
def look(request: Request, item_id: int) -> HttpResponse:
    """One item beside the list: facts only, nothing is claimed."""
    filters = inbox.Filters.from_query(request.GET)
    row = inbox.one(request.user, item_id)
    if not request.htmx:
        return _page(request, row)
    return render(request, "desk/_look.html", _look(request, filters, row))


@may_see
@require_POST
def claim(request: Request, item_id: int) -> HttpResponse:
    """Take it and open its page; a refusal is told on the list."""
    item = WorkItem.objects.filter(pk=item_id).first()
    if item is None:
        return refused.as_page(request, Refusal("unknown", "Nothing of that number waits."))
    shown = showing.of(item.kind)
    kind = shown.claims.kind
    waits = reading.waiting_for(request.user).filter(pk=item_id).exists()
    if not request.user.has_perm(kind.work) or (kind.is_blind and not waits):
        # That one's own decision is looked at a second time is not told, nor by a refusal.
        return refused.as_page(request, Refusal("unknown", "Nothing of that number waits."))
    try:
        shown.claims.claim(item.subject, request.user, from_page=shown.gives_signs)
    except Refusal as refusal:
        return _page(request, inbox.one(request.user, item_id), refusal)
    return HttpResponseRedirect(shown.address(item.subject))


@may_see
@require_POST
def release(request: Request, item_id: int) -> HttpResponse:
    """Give it back, and go on with the list."""
    item = WorkItem.objects.filter(pk=item_id).first()
    if item is not None:
        try:
            showing.of(item.kind).claims.release(item.subject, request.user)
        except Refusal as refusal:
            return _page(request, inbox.one(request.user, item_id), refusal)
    return HttpResponseRedirect(reverse("inbox"))


def _page(request: Request, row: inbox.Row | None, refusal: Refusal | None = None) -> HttpResponse:
    filters = inbox.Filters.from_query(request.GET)
    found = inbox.of(request.user, filters)
    context = _list(filters, found) | _look(request, filters, row or _first(found))
    context |= {"refusal": refusal} | undoing.context(request.user)
    return render(
        request, "desk/inbox.html", context, status=refusal.status if refusal is not None else 200
    )


def _first(found: inbox.Inbox) -> inbox.Row | None:
    return found.rows[0] if found.rows else None


def _list(filters: inbox.Filters, found: inbox.Inbox) -> dict[str, object]:
    kinds = [
        (key, shown, found.counts.get(shown.claims.kind.name, 0))
        for key, shown in enumerate(showing.every(), start=1)
    ]
    return {"inbox": found, "filters": filters, "kinds": kinds}


def _look(request: Request, filters: inbox.Filters, row: inbox.Row | None) -> dict[str, object]:
    then = inbox.after(request.user, row, filters.kind) if row is not None else None
    return {"row": row, "then": then, "filters": filters}
